//! `rules`, `explain`, `completions` and `man`.

use dapr_preflight::rules::ALL;
use serde_json::Value;

use super::{Folder, in_data};

#[test]
fn every_rule_is_explained_with_what_it_really_says() {
    for rule in ALL {
        let said = in_data(&["explain", rule.id]);
        assert_eq!(said.code, 0, "{said:?}");
        let text = said.stdout;
        assert!(text.starts_with(&format!("{}: {}\n", rule.id, rule.title)), "{text}");
        let shown = text.contains(&format!("[{}]: ", rule.id)) && text.contains("--> bad.yaml:");
        let stored = text.contains("no file shows a pod as it is stored");
        assert!(shown != stored && !text.contains("error:"), "{text}");
    }
    insta::assert_snapshot!("explain", in_data(&["explain", "sidecar-resources"]).stdout);
}

#[test]
fn an_unknown_rule_is_answered_with_what_was_meant() {
    let said = in_data(&["explain", "sidecar-resorces"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("unknown rule \"sidecar-resorces\", did you mean \"sidecar-resources\"?"), "{said:?}");
}

#[test]
fn rules_are_listed_in_three_forms() {
    let table = in_data(&["rules"]).stdout;
    assert_eq!(table.lines().count(), ALL.len() + 1);
    let row = table.lines().find(|line| line.starts_with("sidecar-resources ")).unwrap();
    let words: Vec<_> = row.split_whitespace().take(5).collect();
    assert_eq!(words, ["sidecar-resources", "deny", "safe", "The", "sidecar"]);
    let json: Value = serde_json::from_str(&in_data(&["rules", "--format", "json"]).stdout).unwrap();
    let ids: Vec<&str> = json.as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ALL.iter().map(|rule| rule.id).collect::<Vec<_>>());
    let markdown = in_data(&["rules", "--format", "markdown"]).stdout;
    assert!(markdown.contains("| `app-id` | The app has"), "{markdown}");
}

#[test]
fn shells_and_man_get_what_they_read() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = Folder::new().run(&["completions", shell]);
        assert_eq!(said.code, 0);
        assert!(said.stdout.contains("dapr-preflight") && said.stdout.contains("explain"), "{shell}");
    }
    let man = Folder::new().run(&["man"]).stdout;
    assert!(man.contains(".TH dapr") && man.contains("check"), "{man}");
}
