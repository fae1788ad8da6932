//! What we put into a cluster is what we ask of others.

mod support;

use dapr_preflight::policy::ObjectKind;
use jiff::Timestamp;
use support::{documents, engine, ours};

#[test]
fn our_own_manifests_pass_our_own_rules() {
    let text = std::fs::read_to_string("deploy/manifests.yaml").unwrap();
    let documents = documents(&text);
    assert!(documents.iter().any(|document| document["kind"] == "Deployment"));
    for document in ours(&documents) {
        let kind = ObjectKind::of(&document).unwrap();
        let judged = engine().judge_manifest(kind, &document, Timestamp::UNIX_EPOCH).unwrap();
        assert!(judged.is_empty(), "{}: {judged:#?}", kind.kind);
    }
}
