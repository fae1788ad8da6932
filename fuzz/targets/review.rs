//! A review: answered lawfully at every path, whatever was sent.

use base64::Engine as _;
use dapr_preflight::admission::{self, Endpoint, Outcome};
use dapr_preflight::policy::{Engine, Mode, Policies, Stage};
use dapr_preflight::rules::ALL;
use serde_json::Value;

/// `2026-11-24T00:00:00Z`, whatever the clock says.
const NOW: i64 = 1_795_478_400;

pub fn review(data: &[u8]) {
    let engine = Engine::new(ALL, Policies::default());
    let now = jiff::Timestamp::from_second(NOW).expect("a second of this century");
    for endpoint in Endpoint::ALL {
        let Ok(answer) = admission::review(data, endpoint, &engine, now) else { continue };
        let reply: Value = serde_json::from_slice(&answer.reply).expect("a reply is JSON");
        let response = &reply["response"];
        assert_eq!(response["uid"].as_str(), Some(&*answer.decision.uid));
        let allowed = response["allowed"].as_bool().expect("it says whether");
        assert_eq!(allowed, answer.decision.outcome != Outcome::Denied);
        match endpoint.stage {
            Stage::Mutate => assert!(allowed && response["warnings"].is_null()),
            Stage::Validate => assert!(response["patch"].is_null()),
        }
        assert!(endpoint.mode == Mode::Enforce || allowed);
        if let Some(patch) = response["patch"].as_str() {
            applies(data, patch);
        }
    }
}

/// The patch is one, and it fits the object that was sent, if that can be read whole.
fn applies(data: &[u8], patch: &str) {
    let patch = base64::engine::general_purpose::STANDARD.decode(patch).expect("a patch is base64");
    let patch: json_patch::Patch = serde_json::from_slice(&patch).expect("a patch is a JSON patch");
    let Ok(mut review) = serde_json::from_slice::<Value>(data) else { return };
    json_patch::patch(&mut review["request"]["object"], &patch).expect("a patch fits its object");
}
