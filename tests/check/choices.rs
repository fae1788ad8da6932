//! Policies, modes, rules, exemptions and baselines.

use super::{BARE, FEW, Folder, loud};

const EXEMPTION: &str = "\
apiVersion: dapr-preflight.io/v1alpha1
kind: PreflightExemption
metadata: {name: order, namespace: shop}
spec:
  rules: [annotation-refused]
  appIds: [order]
  reason: measured in March
  owner: team-order
  expires: 2999-03-31T00:00:00Z
";

/// The ids of the rules that a run shows, in order.
fn shown(stdout: &str) -> Vec<&str> {
    let titles = stdout.lines().filter(|line| ["deny[", "warn[", "note["].iter().any(|level| line.starts_with(level)));
    titles.map(|line| line.split("]:").next().unwrap()).collect()
}

#[test]
fn only_and_skip_name_rules_and_a_slip_is_answered_with_what_was_meant() {
    let folder = Folder::with(&[("order.yaml", BARE)]);
    let only = folder.run(&["check", "--only", "topology-spread,app-id", "order.yaml"]);
    assert_eq!(shown(&only.stdout), ["warn[topology-spread"]);
    let skip = folder.run(&["check", FEW, "--skip", "topology-spread", "--skip", "sidecar-gomemlimit", "order.yaml"]);
    assert_eq!(shown(&skip.stdout), ["deny[sidecar-resources"]);
    let slip = folder.run(&["check", "--only", "topology-sprad", "order.yaml"]);
    assert_eq!(slip.code, 2);
    assert!(slip.stderr.contains("unknown rule \"topology-sprad\", did you mean \"topology-spread\"?"), "{slip:?}");
    let none = folder.run(&["check", "--only", "app-id", "--skip", "app-id", "order.yaml"]);
    assert_eq!((none.code, &*none.stderr), (2, "error: --only and --skip leave no rule\n"));
}

#[test]
fn with_a_mode_it_answers_as_the_webhook_would() {
    let folder = Folder::with(&[("order.yaml", BARE), ("loud.yaml", &loud())]);
    let enforce = folder.run(&["check", FEW, "--mode", "enforce", "order.yaml"]);
    assert_eq!(enforce.code, 0, "{enforce:?}");
    assert_eq!(shown(&enforce.stdout), ["note[sidecar-gomemlimit", "note[sidecar-resources", "note[topology-spread"]);
    assert_eq!(folder.run(&["check", "--mode", "enforce", "loud.yaml"]).code, 1);
    let warn = folder.run(&["check", "--mode", "warn", "loud.yaml"]);
    assert_eq!(warn.code, 0);
    assert!(shown(&warn.stdout).iter().all(|title| title.starts_with("warn[")), "{}", warn.stdout);
    let audit = folder.run(&["check", "--mode", "audit", "--fail-on", "warn", "loud.yaml"]);
    assert_eq!(audit.code, 0);
    assert!(shown(&audit.stdout).iter().all(|title| title.starts_with("note[")), "{}", audit.stdout);
}

#[test]
fn a_policy_a_profile_and_a_version_are_what_counts() {
    let policy = "apiVersion: dapr-preflight.io/v1alpha1\nkind: PreflightPolicy\nmetadata: {name: shop}\n\
                  spec: {namespaces: [shop], rules: {topology-spread: deny, sidecar-resources: off}}\n";
    let folder = Folder::with(&[("order.yaml", BARE), ("policy.yaml", policy)]);
    let said = folder.run(&["check", FEW, "--policy", "policy.yaml", "order.yaml"]);
    assert_eq!(shown(&said.stdout), ["deny[topology-spread"]);
    let elsewhere = folder.run(&["check", "--policy", "nowhere.yaml", "order.yaml"]);
    assert_eq!(elsewhere.code, 2);
    assert!(elsewhere.stderr.starts_with("error: --policy needs a file; cannot read nowhere.yaml"), "{elsewhere:?}");

    let profile = |name| folder.run(&["check", "--profile", name, "order.yaml"]).stdout;
    assert!(profile("reference").contains("-memory-limit \"256Mi\""), "{}", profile("reference"));
    assert!(profile("dapr-docs").contains("-memory-limit \"1000Mi\""), "{}", profile("dapr-docs"));
    let old = folder.run(&["check", "--dapr-version", "1.2", "order.yaml"]);
    assert_eq!(old.code, 2, "{old:?}");
}

#[test]
fn an_exemption_counts_among_the_files_and_in_a_file_of_its_own_until_it_expires() {
    let expired = EXEMPTION.replace("2999", "2020");
    let folder = Folder::with(&[
        ("k8s/order.yaml", &loud()),
        ("exemption.yaml", EXEMPTION),
        ("expired.yaml", &expired),
        ("other.yaml", &EXEMPTION.replace("[order]", "[another]")),
    ]);
    let rules = ["check", "--only", "annotation-refused,exemption-expired", "k8s"];
    let with = |more: &[&str]| folder.run(&[&rules, more].concat());
    assert_eq!(shown(&with(&[]).stdout), ["deny[annotation-refused"]);
    assert_eq!(shown(&with(&["exemption.yaml"]).stdout), [""; 0]);
    assert_eq!(shown(&with(&["--exemptions", "exemption.yaml"]).stdout), [""; 0]);
    assert_eq!(shown(&with(&["other.yaml"]).stdout), ["deny[annotation-refused"]);
    let expired = with(&["expired.yaml"]);
    assert_eq!(shown(&expired.stdout), ["warn[exemption-expired", "deny[annotation-refused"]);
    assert!(expired.stdout.contains("--> expired.yaml:9:12\n"), "{}", expired.stdout);

    let none = with(&["--exemptions", "k8s/order.yaml"]);
    assert_eq!(none.stderr, "error: --exemptions k8s/order.yaml: there is no PreflightExemption in this file\n");
    folder.write("wrong.yaml", EXEMPTION.replace("2999-03-31", "soon"));
    let wrong = with(&["--exemptions", "wrong.yaml"]);
    assert!(
        wrong.stderr.starts_with("error: --exemptions wrong.yaml:9:12: \"soonT00:00:00Z\" is no time"),
        "{wrong:?}"
    );
}

#[test]
fn a_baseline_hides_what_was_there_and_survives_moved_lines() {
    let folder = Folder::with(&[("order.yaml", &loud())]);
    let written =
        folder.run(&["check", "--only", "annotation-refused", "--write-baseline", "known.json", "order.yaml"]);
    assert_eq!(written.code, 0, "{written:?}");
    let known = |file: &str| folder.run(&["check", "--only", "annotation-refused", "--baseline", "known.json", file]);
    assert_eq!((shown(&known("order.yaml").stdout), known("order.yaml").code), (Vec::new(), 0));
    assert!(known("order.yaml").stdout.contains(": no findings"), "{:?}", known("order.yaml"));

    let moved = format!("# moved\n{}", loud())
        .replace("dapr.io/app-id: order", "dapr.io/block-shutdown-duration: \"30\"\n        dapr.io/app-id: order");
    folder.write("order.yaml", moved);
    let said = known("order.yaml");
    assert_eq!((said.code, said.stdout.matches("-->").count()), (1, 1), "{}", said.stdout);
    assert!(said.stdout.contains("dapr.io/block-shutdown-duration: \"30\""), "{}", said.stdout);

    folder.write("known.json", "{}");
    assert!(known("order.yaml").stderr.contains("no baseline, as --write-baseline writes it"));
    folder.write("known.json", r#"{"version": 2, "findings": {}}"#);
    assert!(known("order.yaml").stderr.contains("this release knows version 1"));
}
