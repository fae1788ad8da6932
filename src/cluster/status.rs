//! What is said of an object in its `status`, and writing it.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::Timestamp;
use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, PatchOperation};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::api::{Api, ApiResource, DynamicObject, Patch, PatchParams};
use kube::{Client, ResourceExt as _};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::policy::{InForce, PatternOrder};

/// The condition that says whether an object's newest generation is in force.
const ACCEPTED: &str = "Accepted";
/// The condition that says whether an exemption exempts now.
const ACTIVE: &str = "Active";

/// Who wrote something that another replica then wrote over does not write it again for this long: replicas of two releases
/// may see a mistake differently, and would else answer each other all the time.
const AGAIN: Duration = Duration::from_secs(30);

/// How many are written at a time: a thousand exemptions are written in seconds, and the API server hardly notices.
const AT_ONCE: usize = 8;

/// What is to be said of an object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    generation: i64,
    pub accepted: bool,
    reason: &'static str,
    message: String,
    /// Of an exemption: whether it exempts now, a reason and a sentence.
    pub active: Option<(bool, &'static str, String)>,
    /// Of an exemption in force: its end.
    pub expires: Option<Timestamp>,
    /// Of a policy: when its namespaces are asked.
    pub order: Option<Vec<PatternOrder>>,
    /// What holds instead, where the newest generation is refused.
    in_force: Option<InForce>,
}

impl Said {
    pub fn accepted(generation: i64) -> Self {
        let message = "in force".to_owned();
        let reason = "Accepted";
        Self { generation, accepted: true, reason, message, active: None, expires: None, order: None, in_force: None }
    }

    /// `in_force` is the older generation that holds meanwhile.
    pub fn refused(generation: i64, reason: &'static str, problem: String, in_force: Option<InForce>) -> Self {
        let meanwhile = match &in_force {
            Some(older) => format!("generation {} stays in force", older.generation),
            None => "nothing of it is in force".to_owned(),
        };
        let message = format!("{problem}; {meanwhile}");
        Self { accepted: false, reason, message, in_force, ..Self::accepted(generation) }
    }

    /// The status to write; `None` where the object says it already.
    pub fn status(&self, now: Value, at: Timestamp) -> Option<Value> {
        let accepted = (ACCEPTED, self.accepted, self.reason, &self.message);
        let active = self.active.as_ref().map(|(holds, reason, message)| (ACTIVE, *holds, *reason, message));
        let old: Vec<Condition> = serde_json::from_value(now["conditions"].clone()).unwrap_or_default();
        let conditions = [Some(accepted), active].into_iter().flatten().map(|(kind, holds, reason, message)| {
            let status = if holds { "True" } else { "False" };
            let since = old.iter().find(|old| old.type_ == kind && old.status == status);
            Condition {
                type_: kind.to_owned(),
                status: status.to_owned(),
                reason: reason.to_owned(),
                message: message.clone(),
                observed_generation: Some(self.generation),
                last_transition_time: since.map_or(Time(at), |old| old.last_transition_time.clone()),
            }
        });
        let mut status = json!({ "observedGeneration": self.generation, "conditions": conditions.collect::<Vec<_>>() });
        if let Some(order) = &self.order {
            status["order"] = json!(order);
        }
        if let Some(older) = &self.in_force {
            status["inForce"] = json!(older);
        }
        (status != now).then_some(status)
    }
}

/// A status that is to be written.
#[derive(Clone, Debug)]
pub(super) struct Due {
    kind: ApiResource,
    namespace: Option<String>,
    name: String,
    uid: String,
    said: Said,
    status: Value,
}

impl Due {
    pub fn new(kind: &ApiResource, object: &DynamicObject, said: &Said, at: Timestamp) -> Option<Self> {
        let status = said.status(object.data.get("status").cloned().unwrap_or_default(), at)?;
        let (namespace, name, uid) = (object.namespace(), object.name_any(), object.uid().unwrap_or_default());
        Some(Self { kind: kind.clone(), namespace, name, uid, said: said.clone(), status })
    }
}

/// What was written lately, by the object's uid: one of the same name may be another one.
#[derive(Default)]
struct Lately(HashMap<String, (Said, Instant)>);

impl Lately {
    fn wrote(&mut self, due: Due) {
        self.0.insert(due.uid, (due.said, Instant::now()));
    }

    fn was(&self, due: &Due) -> bool {
        self.0.get(&due.uid).is_some_and(|(said, _)| *said == due.said)
    }

    fn forget(&mut self) {
        self.0.retain(|_, (_, at)| at.elapsed() < AGAIN);
    }
}

/// Writes what is due, whenever that changes. Every replica does: what they write is the same, and what is there already
/// is not written.
pub(super) async fn write(client: Client, mut due: watch::Receiver<Vec<Due>>) {
    let (mut denied, mut lately) = (false, Lately::default());
    while due.changed().await.is_ok() {
        let mut all = due.borrow_and_update().clone();
        lately.forget();
        all.retain(|due| !lately.was(due));
        let client = &client;
        let results: Vec<_> =
            stream::iter(all).map(|due| write_one(client, due)).buffer_unordered(AT_ONCE).collect().await;
        let mut failures = Vec::new();
        for result in results {
            match result {
                Ok(due) => lately.wrote(due),
                Err(error) => failures.push(error),
            }
        }
        // Once, not at every attempt: the next change, or the next tick, tries again.
        if let (Some(error), false) = (failures.first(), denied) {
            tracing::warn!(%error, "the status of policies or exemptions cannot be written; they count all the same");
        }
        denied = !failures.is_empty();
    }
}

async fn write_one(client: &Client, due: Due) -> kube::Result<Due> {
    let api: Api<DynamicObject> = match &due.namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &due.kind),
        None => Api::all_with(client.clone(), &due.kind),
    };
    // The whole of it: a merge would keep what the last one had and this one has not.
    let whole =
        PatchOperation::Add(AddOperation { path: PointerBuf::from_tokens(["status"]), value: due.status.clone() });
    let patch = Patch::Json::<()>(json_patch::Patch(vec![whole]));
    match api.patch_status(&due.name, &PatchParams::default(), &patch).await {
        // It is gone.
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(due),
        other => other.map(|_| due),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_another_replica_wrote_over_is_not_written_again_at_once() {
        let object: DynamicObject = serde_json::from_value(json!({ "metadata": { "name": "p" } })).unwrap();
        let due = |said: &Said| {
            let kind = ApiResource::erase::<crate::policy::PreflightPolicy>(&());
            Due::new(&kind, &object, said, Timestamp::UNIX_EPOCH).unwrap()
        };
        let (first, next) = (Said::accepted(1), Said::accepted(2));
        let mut lately = Lately::default();
        lately.wrote(due(&first));
        assert!(lately.was(&due(&first)));
        assert!(!lately.was(&due(&next)), "what is new is written at once");
        tokio::time::advance(AGAIN).await;
        lately.forget();
        assert!(!lately.was(&due(&first)));
    }

    #[test]
    fn a_status_is_written_once_and_keeps_the_time_of_its_last_change() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let said = Said::accepted(3);
        let first = said.status(Value::Null, at(100)).unwrap();
        assert_eq!(first["conditions"][0]["lastTransitionTime"], "1970-01-01T00:01:40Z");
        assert_eq!(said.status(first.clone(), at(200)), None);

        let next = Said::accepted(4).status(first.clone(), at(200)).unwrap();
        assert_eq!(next["conditions"][0]["lastTransitionTime"], first["conditions"][0]["lastTransitionTime"]);
        assert_eq!((&next["observedGeneration"], &next["conditions"][0]["status"]), (&json!(4), &json!("True")));

        let older = InForce { generation: 4, spec: json!({ "profile": "reference" }) };
        let refused = Said::refused(5, "Invalid", "spec: no".to_owned(), Some(older)).status(next, at(300)).unwrap();
        assert_eq!(refused["conditions"][0]["lastTransitionTime"], "1970-01-01T00:05:00Z");
        assert_eq!(refused["conditions"][0]["message"], "spec: no; generation 4 stays in force");
        assert_eq!(refused["inForce"], json!({ "generation": 4, "spec": { "profile": "reference" } }));
    }
}
