//! What is said of an object in its `status`, and writing it.

use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::api::{Api, ApiResource, DynamicObject, Patch, PatchParams};
use kube::{Client, ResourceExt as _};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::policy::PatternOrder;

/// The condition that says whether an object's newest generation is in force.
const ACCEPTED: &str = "Accepted";
/// The condition that says whether an exemption exempts now.
const ACTIVE: &str = "Active";

/// How many are written at a time: a thousand exemptions are written in seconds, and the API server hardly notices.
const AT_ONCE: usize = 8;

/// What is to be said of an object.
#[derive(Clone, Debug)]
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
}

impl Said {
    pub fn accepted(generation: i64) -> Self {
        let message = "in force".to_owned();
        Self { generation, accepted: true, reason: "Accepted", message, active: None, expires: None, order: None }
    }

    /// `in_force` is the older generation that holds meanwhile.
    pub fn refused(generation: i64, reason: &'static str, problem: String, in_force: Option<i64>) -> Self {
        let meanwhile = match in_force {
            Some(older) => format!("generation {older} stays in force"),
            None => "nothing of it is in force".to_owned(),
        };
        Self { accepted: false, reason, message: format!("{problem}; {meanwhile}"), ..Self::accepted(generation) }
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
        (status != now).then_some(status)
    }
}

/// A status that is to be written.
#[derive(Clone, Debug)]
pub(super) struct Due {
    kind: ApiResource,
    namespace: Option<String>,
    name: String,
    status: Value,
}

impl Due {
    pub fn new(kind: &ApiResource, object: &DynamicObject, said: &Said, at: Timestamp) -> Option<Self> {
        let status = said.status(object.data.get("status").cloned().unwrap_or_default(), at)?;
        Some(Self { kind: kind.clone(), namespace: object.namespace(), name: object.name_any(), status })
    }
}

/// Writes what is due, whenever that changes. Every replica does: what they write is the same, and what is there already
/// is not written.
pub(super) async fn write(client: Client, mut due: watch::Receiver<Vec<Due>>) {
    let mut denied = false;
    while due.changed().await.is_ok() {
        let all = due.borrow_and_update().clone();
        let client = &client;
        let failures: Vec<kube::Error> = stream::iter(all)
            .map(|due| async move { write_one(client, due).await.err() })
            .buffer_unordered(AT_ONCE)
            .filter_map(|error| async { error })
            .collect()
            .await;
        // Once, not at every attempt: the next change, or the next tick, tries again.
        if let (Some(error), false) = (failures.first(), denied) {
            tracing::warn!(%error, "the status of policies or exemptions cannot be written; they count all the same");
        }
        denied = !failures.is_empty();
    }
}

async fn write_one(client: &Client, due: Due) -> kube::Result<()> {
    let api: Api<DynamicObject> = match &due.namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &due.kind),
        None => Api::all_with(client.clone(), &due.kind),
    };
    let patch = Patch::Merge(json!({ "status": due.status }));
    match api.patch_status(&due.name, &PatchParams::default(), &patch).await {
        // It is gone.
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        other => other.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

        let refused = Said::refused(5, "Invalid", "spec: no".to_owned(), Some(4)).status(next, at(300)).unwrap();
        assert_eq!(refused["conditions"][0]["lastTransitionTime"], "1970-01-01T00:05:00Z");
        assert_eq!(refused["conditions"][0]["message"], "spec: no; generation 4 stays in force");
    }
}
