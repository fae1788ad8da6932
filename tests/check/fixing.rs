//! `fix`, on files.

use std::path::Path;

use super::{BARE, Folder, loud, run};

#[test]
fn a_diff_changes_nothing_and_says_so_by_its_exit_code() {
    let folder = Folder::with(&[("order.yaml", BARE)]);
    let said = folder.run(&["fix", "--diff", "order.yaml"]);
    assert_eq!(said.code, 1, "{said:?}");
    insta::assert_snapshot!("diff", said.stdout);
    assert!(said.stderr.starts_with("would mend 3 findings in 1 file\n"), "{said:?}");
    assert_eq!(folder.read("order.yaml"), BARE);
}

#[test]
fn after_a_fix_nothing_is_left_to_fix_and_a_second_one_changes_nothing() {
    let folder = Folder::with(&[("order.yaml", &loud())]);
    let said = folder.run(&["fix", "--write", "order.yaml"]);
    assert_eq!((said.code, &*said.stdout), (0, ""), "{said:?}");
    let after = folder.read("order.yaml");
    assert!(
        after.starts_with("apiVersion: apps/v1\nkind: Deployment\n") && after.contains("GOMEMLIMIT=230MiB"),
        "{after}"
    );
    let left = folder.run(&["check", "order.yaml"]);
    assert!(!left.stdout.contains("fixable") && left.stdout.contains("deny[annotation-refused]"), "{}", left.stdout);
    assert_eq!(folder.run(&["fix", "--diff", "order.yaml"]).code, 0);
    folder.run(&["fix", "--write", "order.yaml"]);
    assert_eq!(folder.read("order.yaml"), after);
}

#[test]
fn standard_input_is_printed_as_it_becomes() {
    let said = run(Path::new("."), &["fix", "--write", "-"], BARE);
    assert_eq!(said.code, 0);
    assert!(said.stdout.starts_with("apiVersion: apps/v1\n") && said.stdout.contains("GOMEMLIMIT=230MiB"), "{said:?}");
    let untouched = "# nothing of Dapr's\nkind: ConfigMap\napiVersion: v1\n";
    assert_eq!(run(Path::new("."), &["fix", "--write", "-"], untouched).stdout, untouched);
}

#[test]
fn what_cannot_be_edited_in_place_is_listed_with_the_reason() {
    let text = BARE
        .replace("      annotations:\n", "      annotations: &all\n")
        .replace("    spec:\n", "    spec:\n      x: *all\n");
    let folder = Folder::with(&[("order.yaml", &text)]);
    let said = folder.run(&["fix", "--write", "order.yaml"]);
    assert!(said.stderr.contains("[sidecar-resources] cannot be edited in place: "), "{said:?}");
    let after = folder.read("order.yaml");
    let same = "      annotations: &all\n        dapr.io/enabled: \"true\"\n        dapr.io/app-id: order\n";
    assert!(after.contains(same) && !after.contains("sidecar-cpu"), "{after}");
}

#[test]
fn one_of_diff_and_write_is_asked_for_and_what_is_unreadable_ends_with_2() {
    let folder = Folder::with(&[("order.yaml", BARE), ("broken.yaml", "a: [\n")]);
    let neither = folder.run(&["fix", "order.yaml"]);
    assert_eq!(neither.code, 2);
    assert!(neither.stderr.contains("<--diff|--write>"), "{neither:?}");
    assert_eq!(folder.run(&["fix", "--diff", "--write", "order.yaml"]).code, 2);
    let said = folder.run(&["fix", "--write", "order.yaml", "broken.yaml", "nowhere.yaml"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("error: broken.yaml:1:") || said.stderr.contains("error: broken.yaml:2:"), "{said:?}");
    assert!(said.stderr.contains("error: nowhere.yaml: cannot be read"), "{said:?}");
    assert!(folder.read("order.yaml").contains("GOMEMLIMIT"));
}
