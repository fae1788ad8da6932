//! Who an object is, as an exemption may name it: itself, and the controllers above it.

use super::object::Object;
use super::request::Request;
use crate::dapr::keys;
use crate::policy::Identity;

/// The label that a Deployment's controller puts on the pods of each of its ReplicaSets.
const TEMPLATE_HASH: &str = "pod-template-hash";

pub(super) fn identity<'a>(request: &'a Request<'_>, object: &'a Object<'_>) -> Identity<'a> {
    let (pod, metadata) = match object {
        Object::Pod(pod) => (pod, &pod.metadata),
        Object::Workload { metadata, template } => (template, metadata),
    };
    let name = if request.name.is_empty() { &metadata.name } else { &request.name };
    let mut objects = vec![(&*request.kind.kind, &**name)];
    if let Some(owner) = metadata.controller() {
        objects.push((&*owner.kind, &*owner.name));
        let above = match &*owner.kind {
            "ReplicaSet" => pod.label(TEMPLATE_HASH).and_then(|hash| named_after(&owner.name, hash, "Deployment")),
            "Job" => scheduled(&owner.name),
            _ => None,
        };
        objects.extend(above);
    }
    objects.retain(|(_, name)| !name.is_empty());
    Identity { app_id: pod.annotation(keys::APP_ID), objects }
}

/// A Deployment's controller names a ReplicaSet `<deployment>-<pod-template-hash>`
/// (`pkg/controller/deployment/sync.go`).
fn named_after<'a>(name: &'a str, suffix: &str, kind: &'static str) -> Option<(&'static str, &'a str)> {
    Some((kind, name.strip_suffix(suffix)?.strip_suffix('-')?))
}

/// A CronJob's controller names a Job `<cronjob>-<minutes since 1970>` (`pkg/controller/cronjob/utils.go`).
fn scheduled(name: &str) -> Option<(&'static str, &str)> {
    let (cron_job, minutes) = name.rsplit_once('-')?;
    (!minutes.is_empty() && minutes.bytes().all(|byte| byte.is_ascii_digit())).then_some(("CronJob", cron_job))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controllers_names_lead_to_who_is_above_them() {
        assert_eq!(named_after("order-66f7", "66f7", "Deployment"), Some(("Deployment", "order")));
        assert_eq!(named_after("order66f7", "66f7", "Deployment"), None);
        assert_eq!(named_after("order-5", "66f7", "Deployment"), None);
        assert_eq!(scheduled("report-28912345"), Some(("CronJob", "report")));
        assert_eq!(scheduled("report-x1"), None);
        assert_eq!(scheduled("report-"), None);
    }
}
