//! What the injector is told by its own installation (`pkg/injector/service/config.go`).

/// The injector's settings; the defaults are those of Dapr's chart in the namespace `dapr-system`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The namespace of the pods, which is part of the request and not always of the pod.
    pub namespace: String,
    /// `SIDECAR_IMAGE`.
    pub image: String,
    /// `SIDECAR_IMAGE_PULL_POLICY`.
    pub image_pull_policy: String,
    /// `NAMESPACE`: that of the control plane.
    pub control_plane_namespace: String,
    /// `DAPR_CONTROL_PLANE_TRUST_DOMAIN`.
    pub trust_domain: String,
    /// `KUBE_CLUSTER_DOMAIN`.
    pub cluster_domain: String,
    /// The certificates that sidecars trust, PEM.
    pub trust_anchors: String,
    /// `spec.mtls.enabled` of the Configuration `daprsystem`.
    pub mtls: bool,
    /// Whether the injector has a token of its own: only then sidecars get one.
    pub token_volume: bool,
    /// Replicas of the scheduler, up to Dapr 1.16.
    pub scheduler_replicas: usize,
    /// `NATIVE_SIDECAR_ENABLED`, since Dapr 1.18.
    pub native_sidecars: bool,
    /// `SIDECAR_RUN_AS_NON_ROOT`.
    pub run_as_non_root: bool,
    /// `SIDECAR_READ_ONLY_ROOT_FILESYSTEM`.
    pub read_only_root_filesystem: bool,
    /// `SIDECAR_DROP_ALL_CAPABILITIES`.
    pub drop_all_capabilities: bool,
    /// `SIDECAR_RUN_AS_USER`.
    pub run_as_user: Option<i64>,
    /// `SIDECAR_RUN_AS_GROUP`.
    pub run_as_group: Option<i64>,
    /// `ENABLE_K8S_DOWNWARD_APIS`.
    pub downward_apis: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            namespace: "default".to_owned(),
            image: "ghcr.io/dapr/daprd".to_owned(),
            image_pull_policy: "IfNotPresent".to_owned(),
            control_plane_namespace: "dapr-system".to_owned(),
            trust_domain: "cluster.local".to_owned(),
            cluster_domain: "cluster.local".to_owned(),
            trust_anchors: String::new(),
            mtls: true,
            token_volume: true,
            scheduler_replicas: 3,
            native_sidecars: false,
            run_as_non_root: true,
            read_only_root_filesystem: true,
            drop_all_capabilities: false,
            run_as_user: None,
            run_as_group: None,
            downward_apis: false,
        }
    }
}

impl Settings {
    /// The address of a service of the control plane (`pkg/injector/patcher/services.go`).
    pub(super) fn service(&self, name: &str, port: u16) -> String {
        format!("{name}.{}.svc.{}:{port}", self.control_plane_namespace, self.cluster_domain)
    }

    /// The addresses of all replicas of the scheduler, and the one that stands for all of them.
    pub(super) fn schedulers(&self) -> (String, String) {
        let name = "dapr-scheduler-server";
        let all: Vec<_> =
            (0..self.scheduler_replicas).map(|n| self.service(&format!("{name}-{n}.{name}"), 50006)).collect();
        let any = if all.is_empty() { String::new() } else { self.service("dapr-scheduler-server-a", 443) };
        (all.join(","), any)
    }
}
