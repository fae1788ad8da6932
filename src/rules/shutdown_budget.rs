//! The grace period outlasts daprd's own shutdown.

use super::termination_grace::effective;
use crate::dapr::keys;
use crate::dapr::{duration, integer};
use crate::policy::{Check, Finding, Fix, Level, PodSubject, Rule, Source};

pub(super) static RULE: Rule = Rule {
    id: "shutdown-budget",
    title: "The grace period outlasts the sidecar's own shutdown",
    source: Source::Dapr("pkg/runtime/runtime.go; docs: reference/arguments-annotations-overview.md"),
    why: "daprd first blocks (dapr.io/block-shutdown-duration), then lets calls end for up to 10 seconds, then closes \
          within dapr.io/graceful-shutdown-seconds; a native sidecar begins when the app is gone. Kubernetes kills it \
          in the middle when the grace period is shorter.",
    level: Level::Warn,
    fix: Fix::None,
    check: Check::Pod(check),
    bad: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/block-shutdown-duration: 25s}},
        spec: {terminationGracePeriodSeconds: 30, containers: []}}"#,
    good: r#"{apiVersion: v1, kind: Pod, metadata: {name: order, annotations: {
        dapr.io/enabled: "true", dapr.io/app-id: order, dapr.io/block-shutdown-duration: 25s}},
        spec: {terminationGracePeriodSeconds: 40, containers: []}}"#,
};

/// What daprd takes where nothing, a bad value or a negative one is given (`pkg/runtime/config.go`).
const GRACEFUL_DEFAULT: i64 = 5;
/// How long daprd's HTTP servers wait for calls that are under way (`pkg/api/http/server.go: Run`).
const CALLS: i64 = 10;
/// How much longer the deliveries of a subscriber may take (`pkg/runtime/subscription/subscription.go`).
const DELIVERIES: i64 = 25;
const NANOS: i64 = 1_000_000_000;

/// What a shutdown takes at the most, in seconds, in its order.
struct Budget {
    /// The app's preStop hooks, where daprd begins after them.
    pre_stop: i64,
    block: i64,
    graceful: i64,
}

fn check(subject: &PodSubject<'_>) -> Vec<Finding> {
    let Some(sidecar) = subject.asked() else { return Vec::new() };
    let pre_stop = subject.app_containers().map(|(_, app)| app.lifecycle.pre_stop.sleeps()).max().unwrap_or(0);
    let grace = effective(subject);
    let at = subject.at("/spec/terminationGracePeriodSeconds");
    if pre_stop >= grace {
        let problem = format!("{grace} seconds, and the app's preStop hook alone takes {pre_stop}");
        let advice = format!("write {} or more, or shorten the hook", pre_stop.saturating_add(CALLS));
        return vec![Finding::new(at, problem, "SIGKILL comes before the app is even told to stop", advice)];
    }
    let budget = Budget::of(subject, if sidecar.native() { pre_stop } else { 0 });
    let enough = budget.own().saturating_add(CALLS);
    if enough <= grace {
        return Vec::new();
    }
    let consequence = match budget.own() >= grace {
        true => "SIGKILL cuts it off in the middle",
        false => "calls that are still under way are cut off by SIGKILL",
    };
    vec![Finding::new(
        at,
        format!("{grace} seconds, and daprd's own shutdown takes up to {enough} ({})", budget.terms()),
        consequence,
        format!(
            "write {enough} or more ({} where the app subscribes), or shorten {}",
            enough.saturating_add(DELIVERIES),
            budget.longest()
        ),
    )]
}

impl Budget {
    fn of(subject: &PodSubject<'_>, pre_stop: i64) -> Self {
        let pod = subject.pod;
        let graceful = pod.annotation(keys::GRACEFUL_SHUTDOWN).and_then(integer::parse).filter(|seconds| *seconds >= 0);
        let block = pod.annotation(keys::BLOCK_SHUTDOWN).and_then(|value| duration::parse(value).ok());
        let block = block.unwrap_or(0).max(0);
        Self {
            pre_stop,
            block: block / NANOS + i64::from(block % NANOS > 0),
            graceful: graceful.unwrap_or(GRACEFUL_DEFAULT),
        }
    }

    /// What does not depend on what is under way.
    fn own(&self) -> i64 {
        self.pre_stop.saturating_add(self.block).saturating_add(self.graceful)
    }

    fn terms(&self) -> String {
        let before = if self.pre_stop > 0 { format!("preStop {} + ", self.pre_stop) } else { String::new() };
        format!("{before}block {} + graceful {} + calls {CALLS}", self.block, self.graceful)
    }

    /// What to shorten: the longest term that the pod's owner wrote.
    fn longest(&self) -> &'static str {
        if self.pre_stop > self.block && self.pre_stop > self.graceful {
            "the preStop hook"
        } else if self.block >= self.graceful {
            keys::BLOCK_SHUTDOWN
        } else {
            keys::GRACEFUL_SHUTDOWN
        }
    }
}
