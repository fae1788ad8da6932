//! From objects to a snapshot, and to what is to be said of each. Pure but for what it remembers: the last good form of
//! every object, which holds while a newer one is bad.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use kube::ResourceExt as _;
use kube::api::DynamicObject;
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::place;
use super::status::Said;
use crate::policy::{
    API_VERSION, Exemption, ExemptionSpec, Exemptions, InForce, KIND, PatternOrder, Policies, Policy, Rule,
    parse_policy,
};

/// What reviews are judged by from now on.
#[derive(Debug)]
pub struct Snapshot {
    /// Every policy in force; `None` where policies are not watched.
    pub policies: Option<Policies>,
    /// Every exemption that can be used, whether or not it has ended.
    pub exemptions: Exemptions,
}

/// Objects and their last good form.
#[derive(Debug)]
pub struct Objects {
    rules: &'static [&'static Rule],
    policies: HashMap<String, Good<(Vec<String>, Policy)>>,
    exemptions: HashMap<(String, String), Good<Exemption>>,
}

/// The newest form of an object that could be used, as it was written and as it was read.
#[derive(Clone, Debug)]
struct Good<T> {
    written: InForce,
    form: T,
}

impl<T> Good<T> {
    /// The newest of what is remembered and of what the object's status holds: whoever starts now remembers nothing,
    /// and whoever was cut off may have missed one.
    fn last(remembered: Option<Self>, object: &DynamicObject, read: impl Fn(&Value) -> Option<T>) -> Option<Self> {
        let held = object.data.get("status").and_then(|status| status.get("inForce"));
        let held = held.and_then(|held| InForce::deserialize(held).ok());
        let held = held.filter(|held| {
            held.generation < generation(object)
                && remembered.as_ref().is_none_or(|good| good.written.generation < held.generation)
        });
        held.and_then(|written| Some(Self { form: read(&written.spec)?, written })).or(remembered)
    }
}

/// An object and what is to be said of it.
pub(super) type Verdict = (Arc<DynamicObject>, Said);

impl Objects {
    /// Knows nothing yet.
    #[must_use]
    pub fn new(rules: &'static [&'static Rule]) -> Self {
        Self { rules, policies: HashMap::new(), exemptions: HashMap::new() }
    }

    /// Every policy in force. Where two name the same namespaces, the older object has them.
    pub(super) fn policies(&mut self, mut objects: Vec<Arc<DynamicObject>>) -> (Policies, Vec<Verdict>) {
        objects.sort_by_cached_key(|object| {
            let created = object.creation_timestamp().map_or(Timestamp::MAX, |time| time.0);
            (created, object.name_any())
        });
        let mut taken: HashMap<String, String> = HashMap::new();
        let (mut accepted, mut verdicts, mut known) = (Vec::new(), Vec::new(), HashMap::new());
        for object in objects {
            let name = object.name_any();
            let remembered = self.policies.remove(&name);
            let written = written(&object);
            let fresh = self.policy(&name, &written.spec).and_then(|form| free(&form.0, &taken).map(|()| form));
            let (good, said) = match fresh {
                Ok(form) => (Some(Good { written, form }), Said::accepted(generation(&object))),
                Err((reason, problem)) => {
                    let last = Good::last(remembered, &object, |spec| self.policy(&name, spec).ok());
                    let last = last.filter(|good| free(&good.form.0, &taken).is_ok());
                    let in_force = last.as_ref().map(|good| good.written.clone());
                    (last, Said::refused(generation(&object), reason, problem, in_force))
                }
            };
            verdicts.push((object, said));
            let Some(good) = good else { continue };
            taken.extend(good.form.0.iter().map(|pattern| (pattern.clone(), name.clone())));
            accepted.push(good.form.clone());
            known.insert(name, good);
        }
        self.policies = known;
        let policies = Policies::new(accepted).expect("a pattern that is taken is not accepted again");
        for (object, said) in &mut verdicts {
            said.order = Some(order(&policies, &object.name_any()));
        }
        (policies, verdicts)
    }

    fn policy(&self, name: &str, spec: &Value) -> Result<(Vec<String>, Policy), (&'static str, String)> {
        let metadata = json!({ "name": name });
        let document = json!({ "apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "spec": spec });
        let text = place::lines(&document);
        parse_policy(&text, self.rules)
            .map_err(|error| ("Invalid", format!("{}: {}", place::field_at(&text, error.line), error.problem)))
    }

    /// Every exemption that can be used.
    pub(super) fn exemptions(
        &mut self,
        objects: Vec<Arc<DynamicObject>>,
        now: Timestamp,
    ) -> (Exemptions, Vec<Verdict>) {
        let (mut verdicts, mut known) = (Vec::new(), HashMap::new());
        for object in objects {
            let key = (object.namespace().unwrap_or_default(), object.name_any());
            let remembered = self.exemptions.remove(&key);
            let written = written(&object);
            let (good, mut said) = match self.exemption(&written.spec) {
                Ok(form) => (Some(Good { written, form }), Said::accepted(generation(&object))),
                Err(problem) => {
                    let last = Good::last(remembered, &object, |spec| self.exemption(spec).ok());
                    let in_force = last.as_ref().map(|good| good.written.clone());
                    (last, Said::refused(generation(&object), "Invalid", problem, in_force))
                }
            };
            said.active = Some(match &good {
                None => (false, "NotAccepted", "it exempts nothing".to_owned()),
                Some(good) if now < good.form.expires => (true, "Exempting", format!("until {}", good.form.expires)),
                Some(good) => (false, "Expired", format!("it ended at {}", good.form.expires)),
            });
            said.expires = good.as_ref().map(|good| good.form.expires);
            verdicts.push((object, said));
            known.extend(good.map(|good| (key, good)));
        }
        self.exemptions = known;
        let usable = self.exemptions.iter().map(|((namespace, _), good)| (namespace.clone(), good.form.clone()));
        (usable.collect(), verdicts)
    }

    fn exemption(&self, spec: &Value) -> Result<Exemption, String> {
        let spec = ExemptionSpec::deserialize(spec).map_err(|error| format!("spec: {error}"))?;
        Exemption::new(&spec, self.rules).map_err(|error| error.to_string())
    }
}

fn generation(object: &DynamicObject) -> i64 {
    object.metadata.generation.unwrap_or_default()
}

/// An object's newest generation, as it is written.
fn written(object: &DynamicObject) -> InForce {
    InForce { generation: generation(object), spec: object.data.get("spec").cloned().unwrap_or(json!({})) }
}

/// Whether nobody else has these namespaces.
fn free(patterns: &[String], taken: &HashMap<String, String>) -> Result<(), (&'static str, String)> {
    match patterns.iter().find_map(|pattern| taken.get(pattern).map(|other| (pattern, other))) {
        None => Ok(()),
        Some((pattern, other)) => Err((
            "Conflict",
            format!(
                "spec.namespaces: \"{pattern}\" belongs to the older policy \"{other}\"; write other names or patterns"
            ),
        )),
    }
}

fn order(policies: &Policies, name: &str) -> Vec<PatternOrder> {
    let ranked = (1..).zip(policies.order()).filter(|(_, (_, policy))| *policy == name);
    ranked.map(|(rank, (pattern, _))| PatternOrder { namespaces: pattern.to_owned(), rank }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(name: &str, created: i64, generation: i64, spec: Value) -> Arc<DynamicObject> {
        let created = Timestamp::from_second(created).unwrap().to_string();
        let metadata =
            json!({ "name": name, "namespace": "shop", "creationTimestamp": created, "generation": generation });
        Arc::new(serde_json::from_value(json!({ "metadata": metadata, "spec": spec })).unwrap())
    }

    fn said(verdicts: &[Verdict], name: &str) -> String {
        let (object, said) = verdicts.iter().find(|(object, _)| object.name_any() == name).unwrap();
        let status = said.status(Value::Null, Timestamp::UNIX_EPOCH).unwrap();
        let condition = &status["conditions"][0];
        assert_eq!(condition["observedGeneration"], json!(object.metadata.generation));
        format!("{} {}: {}", condition["status"], condition["reason"], condition["message"]).replace(['"', '\\'], "")
    }

    #[test]
    fn a_policy_with_a_mistake_keeps_its_last_good_form() {
        let mut objects = Objects::new(&[]);
        let good = json!({ "namespaces": ["shop"], "gomemlimit": { "percent": 80 } });
        let bad = json!({ "namespaces": ["shop"], "gomemlimit": { "percent": 180 } });
        let (policies, verdicts) = objects.policies(vec![object("p", 1, 1, good.clone())]);
        assert_eq!(policies.for_namespace("shop").gomemlimit_percent, 80);
        assert_eq!(said(&verdicts, "p"), "True Accepted: in force");

        let (policies, verdicts) = objects.policies(vec![object("p", 1, 2, bad.clone())]);
        assert_eq!(policies.for_namespace("shop").gomemlimit_percent, 80);
        let place = "False Invalid: spec.gomemlimit.percent: 180 is no percentage from 1 to 99;";
        assert_eq!(said(&verdicts, "p"), format!("{place} generation 1 stays in force"));

        let (policies, _) = objects.policies(Vec::new());
        assert_eq!(policies.for_namespace("shop").name, "built-in");
        let (policies, verdicts) = objects.policies(vec![object("p", 1, 2, bad)]);
        assert_eq!(policies.for_namespace("shop").name, "built-in");
        assert_eq!(said(&verdicts, "p"), format!("{place} nothing of it is in force"));
    }

    #[test]
    fn who_starts_while_the_newest_form_is_bad_holds_to_the_one_that_the_status_holds() {
        let good = json!({ "namespaces": ["shop"], "gomemlimit": { "percent": 80 } });
        let bad = |held: i64, percent: i64| {
            let spec = json!({ "namespaces": ["shop"], "gomemlimit": { "percent": percent } });
            let mut bad = (*object("p", 1, 5, json!({ "profile": "of-mine" }))).clone();
            bad.data["status"] = json!({ "inForce": { "generation": held, "spec": spec } });
            Arc::new(bad)
        };
        let percent = |objects: &mut Objects, object| {
            let (policies, verdicts) = objects.policies(vec![object]);
            (policies.for_namespace("shop").gomemlimit_percent, said(&verdicts, "p"))
        };
        let (held, said) = percent(&mut Objects::new(&[]), bad(4, 70));
        assert_eq!(held, 70);
        assert!(said.ends_with("generation 4 stays in force"), "{said}");

        // Whoever saw more than the status holds keeps to that, and whoever saw less learns it.
        let mut objects = Objects::new(&[]);
        objects.policies(vec![object("p", 1, 3, good)]);
        assert_eq!(percent(&mut objects, bad(2, 60)).0, 80);
        assert_eq!(percent(&mut objects, bad(4, 70)).0, 70);
        // What cannot be: a status that holds what is refused, or what cannot be used either.
        assert_eq!(percent(&mut Objects::new(&[]), bad(5, 70)).0, 90);
        assert_eq!(percent(&mut Objects::new(&[]), bad(4, 700)).0, 90);
    }

    #[test]
    fn of_two_policies_for_the_same_namespaces_the_older_has_them_until_it_goes() {
        let mut objects = Objects::new(&[]);
        let spec = json!({ "namespaces": ["team-*"] });
        let (old, new) = (object("z", 1, 1, spec.clone()), object("a", 2, 1, spec));
        let (policies, verdicts) = objects.policies(vec![Arc::clone(&new), old]);
        assert_eq!(policies.for_namespace("team-x").name, "z");
        assert_eq!(
            said(&verdicts, "a"),
            "False Conflict: spec.namespaces: team-* belongs to the older policy z; write other names or patterns; \
             nothing of it is in force"
        );
        let (policies, verdicts) = objects.policies(vec![new]);
        assert_eq!(policies.for_namespace("team-x").name, "a");
        assert_eq!(said(&verdicts, "a"), "True Accepted: in force");
    }

    #[test]
    fn the_order_in_which_namespaces_are_asked_is_said() {
        let mut objects = Objects::new(&[]);
        let (_, verdicts) = objects.policies(vec![
            object("all", 1, 1, json!({})),
            object("teams", 2, 1, json!({ "namespaces": ["team-*", "shop"] })),
        ]);
        let order: Vec<_> = verdicts.iter().map(|(_, said)| json!(said.order)).collect();
        assert_eq!(order[0], json!([{ "namespaces": "*", "rank": 3 }]));
        assert_eq!(order[1], json!([{ "namespaces": "shop", "rank": 1 }, { "namespaces": "team-*", "rank": 2 }]));
    }

    #[test]
    fn an_exemption_that_ended_is_said_to_have_ended() {
        let mut objects = Objects::new(&[]);
        let spec = json!({
            "rules": [], "appIds": ["x"], "reason": "r", "owner": "o", "expires": "1970-01-01T00:01:40Z"
        });
        let one = object("e", 1, 1, spec);
        for (second, active, reason) in [(99, "True", "Exempting"), (100, "False", "Expired")] {
            let (_, verdicts) = objects.exemptions(vec![Arc::clone(&one)], Timestamp::from_second(second).unwrap());
            let status = verdicts[0].1.status(Value::Null, Timestamp::UNIX_EPOCH).unwrap();
            assert_eq!(
                (&status["conditions"][1]["status"], &status["conditions"][1]["reason"]),
                (&json!(active), &json!(reason))
            );
        }
    }
}
