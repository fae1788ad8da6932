//! The review that the budgets speak of: a pod of 6 KB that needs a patch.

/// The reference's own order-service as a real API server sent it: nothing is missing, so there is no patch.
pub const COMPLETE: &str = include_str!("../../tests/data/admission-reviews/mutate-create-pod-order-service.json");

/// The same without the sidecar's resources and GOMEMLIMIT, which the webhook then adds.
#[must_use]
pub fn wanting() -> String {
    let env = r#""dapr.io/env":"GOMEMLIMIT=230MiB","#;
    let resources = r#","dapr.io/sidecar-cpu-limit":"300m","dapr.io/sidecar-cpu-request":"100m","dapr.io/sidecar-memory-limit":"256Mi","dapr.io/sidecar-memory-request":"128Mi""#;
    assert!(COMPLETE.contains(env) && COMPLETE.contains(resources), "the captured review is another one");
    COMPLETE.replace(env, "").replace(resources, "")
}
