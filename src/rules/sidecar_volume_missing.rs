//! Every volume that the sidecar is to mount is there.

use crate::dapr::keys;
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Quoted, Rule, Source, closest};

pub(super) static RULE: Rule = Rule {
    id: "sidecar-volume-missing",
    title: "Every volume that the sidecar is to mount is one of the pod's",
    source: Source::Dapr("pkg/injector/patcher/sidecar_volumes.go: getVolumeMounts"),
    why: "Dapr passes over a volume that the pod does not have, and daprd starts without the files that it was to read: \
          a certificate, a key, a component's configuration.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/volume-mounts: "cert:/mnt/certs"}},
        spec: {containers: [], volumes: [{name: certs, secret: {secretName: certs}}]}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/volume-mounts: "certs:/mnt/certs"}},
        spec: {containers: [], volumes: [{name: certs, secret: {secretName: certs}}]}}"#,
};

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    if subject.asked().is_none() || subject.may_get_volumes() {
        return Vec::new();
    }
    let keys = [keys::VOLUME_MOUNTS, keys::VOLUME_MOUNTS_RW];
    keys.into_iter().flat_map(|key| missing(subject, key)).collect()
}

fn missing(subject: &PodSubject<'_>, key: &'static str) -> Vec<Finding> {
    let volumes: Vec<&str> = subject.pod.spec.volumes.iter().map(|volume| &*volume.name).collect();
    let list = subject.pod.annotation(key).unwrap_or_default();
    let pairs = list.split(',').filter_map(|pair| pair.trim().split_once(':'));
    pairs
        // What has more than one colon is skipped for that (see `annotation-ignored`).
        .filter(|(name, path)| !path.contains(':') && !volumes.contains(name))
        .map(|(name, _)| {
            let advice = match closest(name.trim(), volumes.iter().copied()) {
                Some(volume) => format!("did you mean {volume}?"),
                None => "name a volume of the pod, or add it".to_owned(),
            };
            let problem = format!("the pod has no volume {}", Quoted(name));
            Finding::new(
                subject.at_annotation(key),
                problem,
                "Dapr skips that mount, and daprd starts without it",
                advice,
            )
        })
        .collect()
}
