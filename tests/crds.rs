//! The CustomResourceDefinitions are what the types say. After a change of the types:
//!
//!     DAPR_PREFLIGHT_WRITE=1 cargo test --locked --test crds

use std::fs;
use std::path::Path;

use dapr_preflight::policy::{API_VERSION, EXEMPTION_KIND, KIND, PreflightExemption, PreflightPolicy};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt as _;

#[test]
fn the_crds_are_what_the_types_say() {
    for crd in [PreflightPolicy::crd(), PreflightExemption::crd()] {
        let file = Path::new("deploy/chart/crds").join(format!("{}.yaml", crd.spec.names.plural));
        let text = yaml(&crd);
        if std::env::var_os("DAPR_PREFLIGHT_WRITE").is_some() {
            fs::create_dir_all("deploy/chart/crds").unwrap();
            fs::write(&file, &text).unwrap();
        }
        let written = fs::read_to_string(&file).unwrap_or_default();
        assert!(written == text, "{} is old; write it by the command in tests/crds.rs", file.display());
    }
}

#[test]
fn the_documents_of_files_and_the_objects_of_a_cluster_have_one_name() {
    for (crd, kind) in [(PreflightPolicy::crd(), KIND), (PreflightExemption::crd(), EXEMPTION_KIND)] {
        assert_eq!(crd.spec.names.kind, kind);
        assert_eq!(format!("{}/{}", crd.spec.group, crd.spec.versions[0].name), API_VERSION);
    }
}

/// Without the empty fields that the API server would add, and drop, by itself.
fn yaml(crd: &CustomResourceDefinition) -> String {
    let head = "# Written from the types in src/policy by `DAPR_PREFLIGHT_WRITE=1 cargo test --locked --test crds`.\n";
    let value = serde_json::to_value(crd).unwrap();
    format!("{head}{}", serde_saphyr::to_string(&value).unwrap())
}
