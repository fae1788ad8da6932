//! Whoever installs Dapr by GitOps names one version of its chart.

use crate::policy::{Check, Finding, Fix, GroupKind, Level, ObjectSubject, Quoted, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "chart-version-pinned",
    title: "Argo CD and Flux install one version of Dapr's chart",
    source: Source::Reference("checklist: Helm chart version pinned (not latest)"),
    why: "A range upgrades the control plane on the day a release appears, without its CRDs, and every sidecar is older \
          than it until its pod restarts.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Object(
        &[
            GroupKind::new("argoproj.io", "Application"),
            GroupKind::new("argoproj.io", "ApplicationSet"),
            GroupKind::new("helm.toolkit.fluxcd.io", "HelmRelease"),
            GroupKind::new("kustomize.config.k8s.io", "Kustomization"),
        ],
        check,
    ),
    bad: r"{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: dapr}, spec: {
        chart: {spec: {chart: dapr, version: 1.15.x, sourceRef: {kind: HelmRepository, name: dapr}}}}}",
    good: r"{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: dapr}, spec: {
        chart: {spec: {chart: dapr, version: 1.15.14, sourceRef: {kind: HelmRepository, name: dapr}}}}}",
};

/// Where a kind names a chart, and where its version, below each place that may name one.
struct Shape {
    place: String,
    chart: &'static str,
    version: &'static str,
}

fn check(subject: &ObjectSubject<'_>) -> Vec<Finding> {
    let shapes = shapes(subject).into_iter();
    shapes.filter_map(|shape| judge(subject, &shape)).collect()
}

fn shapes(subject: &ObjectSubject<'_>) -> Vec<Shape> {
    let shape = |place: &str, chart, version| Shape { place: place.to_owned(), chart, version };
    let listed = |list: &str, chart, version| {
        subject.items(list).map(|(at, _)| Shape { place: at, chart, version }).collect::<Vec<_>>()
    };
    match subject.kind {
        "HelmRelease" => vec![shape("/spec/chart/spec", "chart", "version")],
        "Kustomization" => listed("/helmCharts", "name", "version"),
        kind => {
            let spec = if kind == "ApplicationSet" { "/spec/template/spec" } else { "/spec" };
            let mut shapes = listed(&format!("{spec}/sources"), "chart", "targetRevision");
            shapes.push(shape(&format!("{spec}/source"), "chart", "targetRevision"));
            shapes
        }
    }
}

fn judge(subject: &ObjectSubject<'_>, shape: &Shape) -> Option<Finding> {
    let chart = subject.text(&format!("{}/{}", shape.place, shape.chart))?;
    // From an OCI registry the chart is the last part of its address.
    if chart.rsplit('/').next() != Some("dapr") {
        return None;
    }
    let at = format!("{}/{}", shape.place, shape.version);
    let written = subject.text(&at);
    if written.is_some_and(is_one_version) {
        return None;
    }
    let problem = match written {
        Some(version) => format!("{} is a range and no version", Quoted(version)),
        None => "no version is written, which is the newest".to_owned(),
    };
    let consequence = "the control plane is upgraded whenever a release appears, and its CRDs are not";
    Some(Finding::new(at, problem, consequence, "write one version, such as 1.18.2, and change it by hand"))
}

/// Three numbers, and what may follow them in a release candidate: everything else is a range to Helm.
fn is_one_version(text: &str) -> bool {
    let (numbers, rest) = text.split_once(['-', '+']).unwrap_or((text, "-"));
    let numbers: Vec<_> = numbers.strip_prefix('v').unwrap_or(numbers).split('.').collect();
    let digits = |number: &&str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-+".contains(&byte);
    numbers.len() == 3 && numbers.iter().all(digits) && !rest.is_empty() && rest.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_numbers_are_a_version_and_everything_else_a_range() {
        for version in ["1.15.14", "v1.18.2", "1.18.0-rc.1", "1.18.2+build"] {
            assert!(is_one_version(version), "{version}");
        }
        for range in [
            "",
            "*",
            "x",
            "1",
            "1.15",
            "1.15.x",
            "1.15.*",
            "^1.15.0",
            "~1.15.0",
            ">=1.15.0",
            "1.15.0 - 1.16.0",
            "1.15.0 || 1.16.0",
            "latest",
            "HEAD",
            "1.18.0-",
            "=1.15.0",
        ] {
            assert!(!is_one_version(range), "{range}");
        }
    }
}
