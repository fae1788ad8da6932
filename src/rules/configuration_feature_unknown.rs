//! Every feature that is switched is one that Dapr has.

use crate::dapr::features::{FEATURES, lookup};
use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source, closest};

pub(super) static RULE: Rule = Rule {
    id: "configuration-feature-unknown",
    title: "Every feature that is switched is one that Dapr has",
    source: Source::Dapr("pkg/config/configuration.go: Feature"),
    why: "daprd takes any name of a feature and does nothing with one that it does not know.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(&[GroupKind::dapr("Configuration")], check),
    bad: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop},
        spec: {features: [{name: hotReload, enabled: false}]}}",
    good: "{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: shop},
        spec: {features: [{name: HotReload, enabled: false}]}}",
};

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let features = subject.items("/spec/features");
    features.filter_map(|(at, feature)| unknown(subject, &at, feature["name"].as_str()?)).collect()
}

fn unknown(subject: &ObjectSubject<'_>, at: &str, name: &str) -> Option<Finding> {
    let version = subject.version();
    let (problem, advice) = match lookup(name) {
        Some(feature) if feature.known_to(version) => return None,
        Some(feature) if version < feature.since => (
            format!("Dapr {version} does not know this feature, which came with {}", feature.since),
            "leave it out, or name the Dapr version that runs in the policy".to_owned(),
        ),
        Some(_) => (format!("Dapr {version} has this always"), "leave it out".to_owned()),
        None => {
            let near = closest(name, FEATURES.iter().map(|feature| feature.name));
            let advice = near.map_or("leave it out".to_owned(), |near| format!("did you mean {near}?"));
            (format!("Dapr has no feature {}", Quoted(name)), advice)
        }
    };
    Some(Finding::new(format!("{at}/name"), problem, "it has no effect", advice).advisory())
}
