//! Every form of a report.

use std::fs;

use serde_json::Value;

use super::{BARE, FEW, Folder, in_data, loud};

const FORMATS: [&str; 6] = ["human", "json", "sarif", "junit", "github", "markdown"];

#[test]
fn every_format_shows_the_same_report_and_ends_the_same_way() {
    for format in FORMATS {
        let said = in_data(&["check", "check/shop.yaml", "nowhere.yaml", "--format", format]);
        assert_eq!((said.code, &*said.stderr), (2, ""), "{format}");
        // Two names of a report's run differ with each: a JUnit report has none of them.
        insta::assert_snapshot!(format!("shop.{format}"), said.stdout);
    }
}

#[test]
fn the_exit_code_does_not_depend_on_the_format() {
    let folder = Folder::with(&[("warn.yaml", BARE), ("deny.yaml", &loud()), ("broken.yaml", "a: [1\nb: {")]);
    let cases = [
        (vec!["warn.yaml", "--only", "topology-spread"], 0),
        (vec!["warn.yaml", "--only", "topology-spread", "--fail-on", "warn"], 1),
        (vec!["deny.yaml", FEW], 1),
        (vec!["deny.yaml", FEW, "--skip", "annotation-refused,sidecar-resources,sidecar-gomemlimit"], 0),
        (vec!["deny.yaml", "broken.yaml"], 2),
    ];
    for (arguments, code) in cases {
        for format in FORMATS {
            let all = [&["check", "--format", format], &*arguments].concat();
            assert_eq!(folder.run(&all).code, code, "{all:?}");
        }
    }
}

#[test]
fn several_formats_are_written_to_files_at_once() {
    let folder = Folder::with(&[("order.yaml", BARE)]);
    let outputs: Vec<String> = FORMATS.iter().map(|format| format!("--output={format}=report.{format}")).collect();
    let arguments: Vec<&str> = ["check", "order.yaml"].into_iter().chain(outputs.iter().map(String::as_str)).collect();
    let said = folder.run(&arguments);
    assert_eq!(said.code, 1, "{said:?}");
    for format in FORMATS {
        let alone = folder.run(&["check", "order.yaml", "--format", format]).stdout;
        // With another format that needs them, changes are known to all; only JSON and SARIF show them.
        assert_eq!(folder.read(&format!("report.{format}")), alone, "{format}");
    }
}

#[test]
fn sarif_is_valid_by_its_schema() {
    let schema = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/sarif/sarif-schema-2.1.0.json"));
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema.unwrap()).unwrap()).unwrap();
    let folder = Folder::with(&[("a b/ö.yaml", &loud()), ("broken.yaml", "a: [1\nb: {"), ("fine.yaml", "kind: Pod")]);
    for paths in [&["."][..], &["fine.yaml"], &["nowhere.yaml"]] {
        let text = folder.run(&[&["check", "--format", "sarif"], paths].concat()).stdout;
        let document: Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0], "{text}");
    }
}

#[test]
fn the_fixes_in_sarif_mend_what_they_are_for() {
    let folder = Folder::with(&[("order.yaml", BARE)]);
    let text = folder.run(&["check", FEW, "--format", "sarif", "order.yaml"]).stdout;
    let document: Value = serde_json::from_str(&text).unwrap();
    let results = document["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 3, "{text}");
    for result in results {
        let replacements = result["fixes"][0]["artifactChanges"][0]["replacements"].as_array().unwrap();
        let mut after = BARE.to_owned();
        for replacement in replacements.iter().rev() {
            let region = &replacement["deletedRegion"];
            let at = |line: &str, column: &str| {
                let number = |field: &str| usize::try_from(region[field].as_u64().unwrap()).unwrap() - 1;
                let before: usize = BARE.lines().take(number(line)).map(|line| line.len() + 1).sum();
                before + number(column)
            };
            let range = at("startLine", "startColumn")..at("endLine", "endColumn");
            after.replace_range(range, replacement["insertedContent"]["text"].as_str().unwrap());
        }
        folder.write("after.yaml", &after);
        let rule = result["ruleId"].as_str().unwrap();
        let said = folder.run(&["check", "--only", rule, "--fail-on", "warn", "after.yaml"]);
        assert_eq!(said.code, 0, "{rule}\n{after}\n{}", said.stdout);
    }
}

#[test]
fn colors_are_for_terminals_and_for_whoever_asks() {
    let folder = Folder::with(&[("order.yaml", BARE)]);
    let colored =
        |arguments: &[&str]| folder.run(&[&["check", "order.yaml"], arguments].concat()).stdout.contains('\x1b');
    assert!(!colored(&[]) && !colored(&["--color", "never"]) && colored(&["--color", "always"]));
}

#[test]
fn a_report_does_not_depend_on_the_number_of_threads_nor_on_the_order_of_arguments() {
    let files: Vec<(String, String)> =
        (0..40).map(|number| (format!("{number}.yaml"), BARE.replace("order", &format!("app-{number}")))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    let folder = Folder::with(&files);
    let first = folder.run(&["check", "--format", "json"]).stdout;
    for _ in 0..3 {
        assert_eq!(folder.run(&["check", "--format", "json"]).stdout, first);
    }
    assert_eq!(folder.run(&["check", "--format", "json", "7.yaml", "."]).stdout, first);
}
