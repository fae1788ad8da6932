//! Every line of the production checklist is claimed by rules or cannot be checked, and every mistake in the reference's own
//! manifests is found.

mod support;

use std::collections::BTreeSet;

use dapr_preflight::policy::{Scope, Source};
use dapr_preflight::rules::ALL;
use serde_json::Value;
use support::documents;
use support::together::judge;

const CHECKLIST: &str = include_str!("checklist/checklist.md");
const ORDER: &str = include_str!("data/reference/order-service.yaml");
const ACTOR: &str = include_str!("data/reference/order-actor-service.yaml");
const WORKFLOW: &str = include_str!("data/reference/workflow-service.yaml");
const AUTOSCALER: &str = include_str!("data/reference/order-service-hpa.yaml");
const COMPONENTS: &str = include_str!("data/reference/multi-cluster.yaml");
const VALUES: &str = include_str!("data/reference/dapr-production-values.yaml");

/// A line of the checklist.
struct Line {
    label: &'static str,
    text: &'static str,
    claim: &'static str,
}

impl Line {
    /// The ids of the rules that check it.
    fn rules(&self) -> Vec<&'static str> {
        match self.reason() {
            Some(_) => Vec::new(),
            None => self.claim.split(", ").map(|id| id.trim_matches('`')).collect(),
        }
    }

    /// Why no machine can.
    fn reason(&self) -> Option<&'static str> {
        self.claim.strip_prefix("no: ")
    }
}

fn lines() -> Vec<Line> {
    let rows = CHECKLIST.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| label"));
    let line = |row: &'static str| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [label, _, text, claim] = cells[..] else { panic!("four cells: {row}") };
        Line { label, text, claim }
    };
    rows.map(line).collect()
}

#[test]
fn every_line_is_claimed_by_rules_or_says_why_no_machine_can() {
    let lines = lines();
    let labels: BTreeSet<_> = lines.iter().map(|line| line.label).collect();
    assert_eq!((lines.len(), labels.len()), (17 + 21 + 1, 17 + 21 + 1));
    for line in &lines {
        match line.reason() {
            Some(reason) => assert!(reason.len() > 20, "{}", line.label),
            None => assert!(line.rules().iter().all(|id| line.claim.contains(&format!("`{id}`"))), "{}", line.claim),
        }
    }
}

#[test]
fn every_rule_that_claims_a_line_is_there() {
    let ids: BTreeSet<_> = ALL.iter().map(|rule| rule.id).collect();
    let claims = lines()
        .into_iter()
        .flat_map(|line| line.rules().into_iter().map(move |id| (line.label, id)).collect::<Vec<_>>());
    let missing: Vec<_> = claims.filter(|(_, id)| !ids.contains(id)).collect();
    assert_eq!(missing, []);
}

#[test]
fn a_rule_that_names_a_line_of_the_checklist_as_its_source_claims_it() {
    for rule in ALL {
        let Source::Reference(source) = rule.source else { continue };
        let Some(text) = source.strip_prefix("checklist: ") else { continue };
        let line = lines().into_iter().find(|line| line.text.replace('`', "") == text);
        let line = line.unwrap_or_else(|| panic!("{}: no line {text:?}", rule.id));
        assert!(line.rules().contains(&rule.id), "{} is not among those of {}", rule.id, line.label);
    }
}

/// A mistake: a part of its place, and a word of what is said there.
type Mistake = (&'static str, &'static str);

/// The mistakes that nothing is said about.
fn unfound(manifests: &[Value], mistakes: &[Mistake]) -> Vec<Mistake> {
    let said = judge(manifests, Scope::Files);
    let found = |(place, word): &Mistake| {
        said.found.iter().any(|found| {
            let at = format!("{} {}", found.object, found.at);
            at.contains(place) && found.text.contains(word)
        })
    };
    mistakes.iter().filter(|mistake| !found(mistake)).copied().collect()
}

#[test]
fn the_mistakes_in_the_references_deployments_are_found() {
    let all = [ORDER, ACTOR, WORKFLOW].map(documents).concat();
    let mistakes: &[Mistake] = &[
        ("order-service /spec/template/metadata/annotations/dapr.io~1max-concurrency", "app-max-concurrency"),
        ("workflow-service /spec/template/metadata/annotations/dapr.io~1max-concurrency", "app-max-concurrency"),
        ("order-service /spec/template/metadata/annotations/dapr.io~1http-max-request-size", "deprecated"),
        ("order-service /spec/template/metadata/annotations/dapr.io~1http-read-buffer-size", "deprecated"),
        ("order-service /spec/template", "DAPR_API_TOKEN"),
        ("order-actor-service /spec/template/metadata/annotations/dapr.io~1env", "GOMEMLIMIT"),
        ("workflow-service /spec/template/metadata/annotations/dapr.io~1env", "GOMEMLIMIT"),
        ("workflow-service /spec/selector", "the API server refuses"),
    ];
    assert_eq!(unfound(&all, mistakes), []);
}

#[test]
fn the_mistakes_that_only_show_beside_other_objects_are_found() {
    let all = [ORDER, ACTOR, WORKFLOW, AUTOSCALER].map(documents).concat();
    let said = judge(&all, Scope::Files);
    // The reference scales one of its three apps, names two Configurations and a Secret, and shows none of these.
    assert_eq!(
        said.of("autoscaler"),
        ["Deployment/order-actor-service /metadata/name", "Deployment/workflow-service /metadata/name"]
    );
    assert_eq!(said.of("autoscaler-blind"), [""; 0], "its own service asks for CPU and memory");
    for rule in ["configuration-missing", "secret-missing", "disruption-budget", "namespace-network-policy"] {
        assert!(said.needs(rule) && said.of(rule).is_empty(), "{rule}");
    }
    let cluster = judge(&all, Scope::Cluster);
    assert_eq!(cluster.of("configuration-missing").len(), 2);
    assert_eq!(cluster.of("secret-missing").len(), 1);
}

#[test]
fn the_references_range_of_chart_versions_is_no_pin() {
    // The reference gives it to helm on the command line; this is the same for Flux.
    let release = "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: dapr, namespace: dapr-system}, \
        spec: {chart: {spec: {chart: dapr, version: 1.15.x}}}}";
    assert_eq!(
        unfound(&documents(release), &[("HelmRelease/dapr /spec/chart/spec/version", "\"1.15.x\" is a range")]),
        []
    );
    let application = "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: dapr}, spec: {source: {chart: dapr, \
        repoURL: https://dapr.github.io/helm-charts/, targetRevision: 1.15.x}}}";
    assert_eq!(
        unfound(&documents(application), &[("Application/dapr /spec/source/targetRevision", "\"1.15.x\" is a range")]),
        []
    );
}

#[test]
fn the_references_component_has_two_specs_and_no_version() {
    let error = serde_saphyr::from_multiple::<Value>(COMPONENTS).unwrap_err().to_string();
    assert!(error.contains("duplicate"), "{error}");
    let first = COMPONENTS.split("# Pub/Sub").next().unwrap();
    assert_eq!(unfound(&documents(first), &[("Component/global-statestore", "version")]), []);
}

#[test]
fn the_references_values_that_do_nothing_are_found() {
    let mistakes: &[Mistake] = &[
        ("/global/logLevel", ""),
        ("/dapr_operator/podDisruptionBudget", ""),
        ("/dapr_operator/nodeSelector", ""),
        ("/dapr_operator/tolerations", ""),
        ("/dapr_operator/affinity", ""),
        ("/dapr_sidecar_injector/podDisruptionBudget", ""),
        ("/dapr_sidecar_injector/webhookFailurePolicy", ""),
        ("/dapr_placement/replicaCount", ""),
        ("/dapr_placement/podDisruptionBudget", ""),
        ("/dapr_sentry/podDisruptionBudget", ""),
        ("/dapr_scheduler/replicaCount", ""),
        ("/dapr_scheduler/volumeClaimTemplates", ""),
        ("/global/ha", ""),
    ];
    assert_eq!(unfound(&documents(VALUES), mistakes), []);
}
