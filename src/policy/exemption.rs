//! `PreflightExemption`: which rules do not count for which objects of a namespace, why, on whose word, and until when.
#![allow(clippy::duplicated_attributes, reason = "each column of the printer has the same fields")]

use jiff::Timestamp;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use schemars::transform::RecursiveTransform;
use serde::{Deserialize, Serialize};

use super::document::without_default;
use super::rule::Rule;
use super::settings::Glob;
use super::status::ExemptionStatus;
use super::suggest::closest;

/// The kind of an exemption.
pub const EXEMPTION_KIND: &str = "PreflightExemption";

/// Rules that do not count for some objects of this namespace, until a day.
#[derive(Clone, Debug, PartialEq, CustomResource, KubeSchema, Serialize, Deserialize)]
#[kube(
    group = "dapr-preflight.io",
    version = "v1alpha1",
    kind = "PreflightExemption",
    namespaced,
    category = "dapr-preflight",
    status = "ExemptionStatus",
    doc = "Rules of dapr-preflight that do not count for some objects of this namespace, until a day.",
    printcolumn(name = "Rules", type_ = "string", json_path = ".spec.rules"),
    printcolumn(name = "Owner", type_ = "string", json_path = ".spec.owner"),
    printcolumn(name = "Expires", type_ = "string", json_path = ".spec.expires"),
    printcolumn(
        name = "Active",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Active\")].status",
        description = "Whether it exempts now."
    ),
    printcolumn(name = "Reason", type_ = "string", json_path = ".spec.reason", priority = 1),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[x_kube(validation = Rule::new("(has(self.appIds) && size(self.appIds) > 0) || (has(self.objects) && size(self.objects) > 0)")
    .message("give appIds or objects; an exemption names what it exempts"))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(transform = RecursiveTransform(without_default))]
pub struct ExemptionSpec {
    /// The ids of the rules that do not count; they make no edits either.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 63)), extend("x-kubernetes-list-type" = "set"))]
    pub rules: Vec<String>,
    /// Names or patterns (* and ?) of app-ids.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(min = 1, max = 253)))]
    pub app_ids: Vec<String>,
    /// Objects: a workload and all that its controllers make of it, a pod, or a resource of Dapr's.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub objects: Vec<ObjectName>,
    /// Why, for whoever reads it later.
    #[schemars(length(min = 1, max = 1024))]
    pub reason: String,
    /// Whom to ask.
    #[schemars(length(min = 1, max = 253))]
    pub owner: String,
    /// When it ends, like 2027-03-31T00:00:00Z.
    #[schemars(extend("format" = "date-time"))]
    pub expires: String,
}

/// Objects by kind and name.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectName {
    /// Like Deployment.
    pub kind: ExemptKind,
    /// A name or a pattern (* and ?).
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

/// The kinds that an exemption can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[allow(missing_docs, reason = "they are Kubernetes' and Dapr's own")]
pub enum ExemptKind {
    Deployment,
    ReplicaSet,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
    Pod,
    Component,
    Configuration,
    #[serde(rename = "HTTPEndpoint")]
    HttpEndpoint,
    #[serde(rename = "MCPServer")]
    McpServer,
    Resiliency,
    Subscription,
    WorkflowAccessPolicy,
}

/// An exemption that can be used.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemption {
    rules: Vec<String>,
    app_ids: Vec<Glob>,
    objects: Vec<(ExemptKind, Glob)>,
    /// From this moment on it exempts nothing.
    pub expires: Timestamp,
}

/// Who an object is, as an exemption may name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity<'a> {
    /// `dapr.io/app-id`.
    pub app_id: Option<&'a str>,
    /// Kind and name of the object and of the controllers above it, as far as they are known.
    pub objects: Vec<(&'a str, &'a str)>,
}

/// Why an exemption cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct ExemptionError {
    /// Where, like `spec.rules[0]`.
    pub field: String,
    /// What is wrong, and what is accepted.
    pub problem: String,
}

impl Exemption {
    /// Checks what the schema cannot.
    ///
    /// # Errors
    /// The first rule that does not exist, or an expiry that is no time.
    pub fn new(spec: &ExemptionSpec, rules: &[&Rule]) -> Result<Self, ExemptionError> {
        let unknown = |id: &String| !rules.iter().any(|rule| rule.id == id);
        if let Some((nth, id)) = spec.rules.iter().enumerate().find(|(_, id)| unknown(id)) {
            let hint = closest(id, rules.iter().map(|rule| rule.id));
            let hint = hint.map(|name| format!(", did you mean \"{name}\"?")).unwrap_or_default();
            let problem = format!("unknown rule \"{id}\"{hint}");
            return Err(ExemptionError { field: format!("spec.rules[{nth}]"), problem });
        }
        let expires = spec.expires.parse().map_err(|_| ExemptionError {
            field: "spec.expires".to_owned(),
            problem: format!("\"{}\" is no time like 2027-03-31T00:00:00Z", spec.expires),
        })?;
        if spec.app_ids.is_empty() && spec.objects.is_empty() {
            let problem = "give appIds or objects; an exemption names what it exempts".to_owned();
            return Err(ExemptionError { field: "spec".to_owned(), problem });
        }
        let objects = spec.objects.iter().map(|object| (object.kind, Glob::new(&object.name)));
        Ok(Self {
            rules: spec.rules.clone(),
            app_ids: spec.app_ids.iter().map(|pattern| Glob::new(pattern)).collect(),
            objects: objects.collect(),
            expires,
        })
    }

    /// Whether it exempts this object at this moment.
    #[must_use]
    pub fn covers(&self, identity: &Identity<'_>, now: Timestamp) -> bool {
        let app_id = identity.app_id.is_some_and(|id| self.app_ids.iter().any(|glob| glob.matches(id)));
        let object = |(kind, name): &(&str, &str)| {
            self.objects.iter().any(|(wanted, glob)| wanted.as_str() == *kind && glob.matches(name))
        };
        now < self.expires && (app_id || identity.objects.iter().any(object))
    }

    /// Whether it names this rule.
    #[must_use]
    pub fn names(&self, rule: &Rule) -> bool {
        self.rules.iter().any(|id| id == rule.id)
    }
}

impl ExemptKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::ReplicaSet => "ReplicaSet",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::Job => "Job",
            Self::CronJob => "CronJob",
            Self::Pod => "Pod",
            Self::Component => "Component",
            Self::Configuration => "Configuration",
            Self::HttpEndpoint => "HTTPEndpoint",
            Self::McpServer => "MCPServer",
            Self::Resiliency => "Resiliency",
            Self::Subscription => "Subscription",
            Self::WorkflowAccessPolicy => "WorkflowAccessPolicy",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> ExemptionSpec {
        ExemptionSpec {
            rules: Vec::new(),
            app_ids: vec!["legacy-*".to_owned()],
            objects: vec![ObjectName { kind: ExemptKind::Deployment, name: "order".to_owned() }],
            reason: "moves in March".to_owned(),
            owner: "team-order".to_owned(),
            expires: "1970-01-01T00:01:40Z".to_owned(),
        }
    }

    fn covers(identity: &Identity<'_>, second: i64) -> bool {
        Exemption::new(&spec(), &[]).unwrap().covers(identity, Timestamp::from_second(second).unwrap())
    }

    #[test]
    fn an_app_id_or_an_object_is_enough_and_kind_and_name_must_both_be_the_same() {
        let object = |kind, name| Identity { app_id: None, objects: vec![("Pod", "x"), (kind, name)] };
        assert!(covers(&Identity { app_id: Some("legacy-billing"), objects: Vec::new() }, 0));
        assert!(covers(&object("Deployment", "order"), 0));
        assert!(!covers(&object("StatefulSet", "order"), 0));
        assert!(!covers(&object("Deployment", "order-2"), 0));
        assert!(!covers(&Identity { app_id: Some("billing"), objects: Vec::new() }, 0));
    }

    #[test]
    fn every_kind_that_can_be_written_covers_objects_of_that_kind() {
        let schema = serde_json::to_value(schemars::schema_for!(ExemptKind)).unwrap();
        for kind in schema["enum"].as_array().unwrap() {
            let object = ObjectName { kind: serde_json::from_value(kind.clone()).unwrap(), name: "order".to_owned() };
            let exemption = Exemption::new(&ExemptionSpec { objects: vec![object], ..spec() }, &[]).unwrap();
            let identity = Identity { app_id: None, objects: vec![(kind.as_str().unwrap(), "order")] };
            assert!(exemption.covers(&identity, Timestamp::UNIX_EPOCH), "{kind}");
        }
    }

    #[test]
    fn it_ends_at_its_moment() {
        let identity = Identity { app_id: Some("legacy-x"), objects: Vec::new() };
        assert!(covers(&identity, 99));
        assert!(!covers(&identity, 100));
    }

    #[test]
    fn a_mistake_is_named_with_its_field() {
        let error = |spec: ExemptionSpec| Exemption::new(&spec, &[]).unwrap_err().to_string();
        assert_eq!(
            error(ExemptionSpec { rules: vec!["app-idd".to_owned()], ..spec() }),
            "spec.rules[0]: unknown rule \"app-idd\""
        );
        assert_eq!(
            error(ExemptionSpec { expires: "soon".to_owned(), ..spec() }),
            "spec.expires: \"soon\" is no time like 2027-03-31T00:00:00Z"
        );
        let nobody = ExemptionSpec { app_ids: Vec::new(), objects: Vec::new(), ..spec() };
        assert_eq!(error(nobody), "spec: give appIds or objects; an exemption names what it exempts");
    }
}
