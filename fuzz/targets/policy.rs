//! A policy document: read, or refused with a place that is in it.

use dapr_preflight::policy::{Engine, Policies};
use dapr_preflight::rules::ALL;

pub fn policy(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Policies::parse(text, ALL) {
        Ok(policies) => {
            let engine = Engine::new(ALL, policies);
            for policy in engine.policies().iter() {
                assert!((1..=99).contains(&policy.gomemlimit_percent), "{text}");
            }
        }
        Err(error) => {
            // YAML's lines also end at a lone carriage return.
            let lines = u64::try_from(text.split(['\n', '\r']).count()).unwrap_or(u64::MAX);
            assert!(error.line <= lines + 1, "{error} is not in\n{text}");
            assert!(!error.problem.is_empty());
        }
    }
}
