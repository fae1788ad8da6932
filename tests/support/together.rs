//! All rules on some documents: on each of them, and on all of them together.

use std::fmt;

use dapr_preflight::policy::{Engine, Inventory, Judged, ObjectKind, Policies, Policy, Scope};
use dapr_preflight::rules;
use jiff::Timestamp;
use serde_json::Value;

/// A finding, with the object that has it.
#[derive(Debug)]
pub struct Found {
    /// The rule's id.
    pub rule: &'static str,
    /// Kind and name.
    pub object: String,
    /// JSON pointer.
    pub at: String,
    /// What is wrong, what comes of it, what to write.
    pub text: String,
    /// Whether Dapr or Kubernetes surely stumbles over it.
    pub certain: bool,
}

/// All that the rules have to say.
#[derive(Debug, Default)]
pub struct Said {
    /// What they find.
    pub found: Vec<Found>,
    /// What they could not see: the rule's id, and what it needs.
    pub needs: Vec<(&'static str, String)>,
}

impl Said {
    /// What one rule finds: each object and place.
    pub fn of(&self, rule: &str) -> Vec<String> {
        let found = self.found.iter().filter(|found| found.rule == rule);
        found.map(|found| format!("{} {}", found.object, found.at)).collect()
    }

    /// Whether a rule says that it could not see something.
    pub fn needs(&self, rule: &str) -> bool {
        self.needs.iter().any(|(id, _)| *id == rule)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {} {}: {}", self.rule, self.object, self.at, self.text)
    }
}

/// Runs every rule under the built-in policy.
pub fn judge(documents: &[Value], scope: Scope) -> Said {
    judge_under(documents, scope, &Policy::default())
}

/// Runs every rule under a policy.
pub fn judge_under(documents: &[Value], scope: Scope, policy: &Policy) -> Said {
    let policies = Policies::new(vec![(vec!["*".to_owned()], policy.clone())]).unwrap();
    let engine = Engine::new(rules::ALL, policies);
    let mut inventory = Inventory::new(scope);
    let mut said = Said::default();
    for document in super::ours(documents) {
        let kind = ObjectKind::of(&document).unwrap_or_else(ObjectKind::dapr_chart_values);
        let object = format!("{}/{}", kind.kind, document["metadata"]["name"].as_str().unwrap_or_default());
        let judged = engine.judge_manifest(kind, &document, Timestamp::UNIX_EPOCH).unwrap();
        said.found.extend(judged.into_iter().map(|judged| found(&object, judged)));
        inventory.add(document, engine.policies());
    }
    let survey = engine.survey(&inventory, Timestamp::UNIX_EPOCH);
    said.found.extend(survey.judged.into_iter().map(|(index, judged)| {
        let member = &inventory.members[index];
        found(&format!("{}/{}", member.kind, member.name), judged)
    }));
    said.needs.extend(survey.not_evaluated.into_iter().map(|(rule, unseen)| (rule.id, unseen.needs.into_owned())));
    said
}

fn found(object: &str, Judged { rule, finding, .. }: Judged) -> Found {
    let text = format!("{}; {}; {}", finding.problem, finding.consequence, finding.advice);
    Found { rule: rule.id, object: object.to_owned(), at: finding.at, text, certain: finding.certain }
}
