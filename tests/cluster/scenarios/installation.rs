//! Putting it into a cluster by its own chart, and taking it out again.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{Scenario, deployment, pod};
use crate::balancer;
use crate::cluster::chart::HOME;
use crate::cluster::{Cluster, Dapr};
use crate::namespace::{container, env, eventually};

pub const SCENARIOS: &[Scenario] = &[
    (
        "the API server accepts everything that the chart can make, and its pods run under the restricted standard",
        install,
    ),
    ("the commands of the README work in their order", readme),
    ("it may do what it needs and nothing else", permissions),
    ("the plain manifests are those of the chart, and the API server accepts them", plain),
    ("values that do not exist or cannot be are refused by Helm", values),
    ("a mistyped mode label is refused, and a namespace that has one can still be changed", mode_label),
    ("each of the five ways out gets it out of the way", ways_out),
    ("whatever else the emergency page asks the cluster is answered", questions),
    ("both replicas are replaced under a stream of pods, and none fails or slips through", replaced),
    ("each alert fires when it should and not when it should not, by promtool", alerts),
    ("a development authority and pair are made, and the API server trusts them", development),
];

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Every optional part.
const EVERYTHING: &[&str] = &[
    "--set=monitoring.serviceMonitor.enabled=true,monitoring.prometheusRule.enabled=true",
    "--set=monitoring.dashboard.enabled=true,networkPolicy.enabled=true",
    "--set=priorityClassName=system-cluster-critical,daprVersion=1.18,log.level=debug",
    "--set-json=policy={\"gomemlimit\":{\"percent\":80}}",
    "--set-json=tolerations=[{\"key\":\"spot\",\"operator\":\"Exists\"}]",
];

impl Cluster {
    /// The cluster as if we had never been there, but for the CRDs and the namespace.
    pub(super) fn without_us(&self) {
        for kind in
            ["mutatingwebhookconfiguration", "validatingwebhookconfiguration", "clusterrole", "clusterrolebinding"]
        {
            self.kubectl(&["delete", kind, "dapr-preflight", "--ignore-not-found"], "").must_succeed();
        }
        self.kubectl(&["-n", HOME, "delete", "serviceaccount", "dapr-preflight", "--ignore-not-found"], "")
            .must_succeed();
    }

    /// As it was.
    pub(super) fn with_us(&self) {
        self.permit();
        self.register();
    }

    /// What the chart starts our server with.
    fn arguments_of_chart(&self) -> Vec<String> {
        let deployment = self.rendered(self.preflight_port(), "deployment").remove(0);
        let arguments = deployment["spec"]["template"]["spec"]["containers"][0]["args"].as_array().unwrap();
        arguments.iter().map(|argument| argument.as_str().unwrap().to_owned()).collect()
    }

    /// The kinds that cert-manager and the Prometheus operator bring.
    fn bring_others(&self) {
        let others = self.programs().join("crds-others");
        self.kubectl(&["apply", "--server-side", "-f", others.to_str().unwrap()], "").must_succeed();
        self.kubectl(&["wait", "--for=condition=Established", "crd", "--all"], "").must_succeed();
    }

    fn ours(&self) -> String {
        let label = ["-l", "app.kubernetes.io/name=dapr-preflight", "-o", "name"];
        let kinds = "all,configmaps,secrets,serviceaccounts,poddisruptionbudgets,networkpolicies,clusterroles,\
            clusterrolebindings,mutatingwebhookconfigurations,validatingwebhookconfigurations,\
            validatingadmissionpolicies,validatingadmissionpolicybindings,issuers,certificates,\
            servicemonitors,prometheusrules,preflightpolicies,leases";
        self.kubectl(&[&["get", kinds, "-A"], &label[..]].concat(), "").must_succeed().stdout
    }
}

fn install(cluster: &mut Cluster) {
    cluster.without_us();
    cluster.bring_others();
    let label = "pod-security.kubernetes.io/enforce=restricted";
    cluster.kubectl(&["label", "--overwrite", "namespace", HOME, label], "").must_succeed();
    let everything = [EVERYTHING, &["--set=certificates.source=certManager", "--wait", "--timeout=60s"]].concat();
    let said = cluster.chart(&["install"], cluster.preflight_port(), &everything).must_succeed();
    assert!(said.stdout.contains("kubectl label namespace NAMESPACE dapr-preflight.io/mode=audit"), "{}", said.stdout);
    let home = cluster.existing_namespace(HOME);
    let pods = home.eventually_runs(2, "app.kubernetes.io/name=dapr-preflight");
    let nodes: Vec<_> = pods.iter().map(|pod| pod["spec"]["nodeName"].as_str().unwrap()).collect();
    assert_ne!(nodes[0], nodes[1], "both replicas are on one node");
    home.eventually("pdb", "dapr-preflight", |budget| budget["status"]["disruptionsAllowed"] == 1);
    for kind in [
        "certificate",
        "issuer",
        "servicemonitor",
        "prometheusrule",
        "networkpolicy",
        "configmap/dapr-preflight-dashboard",
    ] {
        let name = if kind.contains('/') { vec![kind] } else { vec![kind, "dapr-preflight"] };
        home.kubectl(&[&["get"], &name[..]].concat()).must_succeed();
    }
    cluster.kubectl(&["get", "preflightpolicy", "default"], "").must_succeed();

    cluster.helm(&["uninstall", "dapr-preflight", "-n", HOME, "--wait"]).must_succeed();
    eventually("nothing of it is left", || cluster.ours().is_empty().then_some(()));
    let crds = || cluster.kubectl(&["get", "crd", "-o", "name"], "").stdout.contains("dapr-preflight.io");
    assert!(crds(), "an uninstall keeps the CRDs");
    let both = ["delete", "crd", "preflightpolicies.dapr-preflight.io", "preflightexemptions.dapr-preflight.io"];
    cluster.kubectl(&both, "").must_succeed();
    assert!(!crds());
    cluster.with_us();
}

fn readme(cluster: &mut Cluster) {
    let page = std::fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let chapter = page.split("## In a cluster").nth(1).unwrap().split("\n## ").next().unwrap();
    let commands: Vec<&str> = chapter
        .split("```sh\n")
        .skip(1)
        .flat_map(|block| block.split("```").next().unwrap().lines())
        .filter(|command| !command.starts_with("kubectl logs"))
        .collect();
    assert!(commands.len() >= 6, "{commands:?}");
    cluster.bring_others();
    cluster.without_us();
    cluster.kubectl(&["delete", "namespace", HOME], "").must_succeed();
    cluster.kubectl(&["create", "namespace", "shop"], "").must_succeed();
    let said = |command: &str| {
        let command = command.replace("deploy/chart", &format!("{ROOT}/deploy/chart"));
        let (program, arguments) = command.split_once(' ').unwrap();
        let arguments: Vec<_> = arguments.split_whitespace().collect();
        if program == "helm" { cluster.helm(&arguments) } else { cluster.kubectl(&arguments, "") }
    };
    let (out, steps): (Vec<_>, Vec<_>) =
        commands.into_iter().partition(|command| command.starts_with("kubectl delete"));
    for step in steps {
        said(step).must_succeed();
    }
    cluster.existing_namespace(HOME).eventually_runs(2, "app.kubernetes.io/name=dapr-preflight");
    // What the text says between the blocks.
    assert!(chapter.contains("`kubectl label namespace shop dapr-preflight.io/mode-`"));
    said("kubectl label namespace shop dapr-preflight.io/mode-").must_succeed();
    let crds = "kubectl apply --server-side --force-conflicts -f deploy/chart/crds";
    assert!(chapter.replace('\n', " ").contains(&format!("`{crds}`")));
    said(crds).must_succeed();
    assert!(chapter.contains("`helm uninstall dapr-preflight -n dapr-preflight`"));
    said("helm uninstall dapr-preflight -n dapr-preflight").must_succeed();
    for command in out {
        said(command).must_succeed();
    }
    cluster.kubectl(&["delete", "namespace", "shop", "--wait=false"], "").must_succeed();
    cluster.with_us();
}

fn permissions(cluster: &mut Cluster) {
    let account = format!("--as=system:serviceaccount:{HOME}:dapr-preflight");
    let list = cluster.kubectl(&["-n", HOME, "auth", "can-i", "--list", &account], "").must_succeed().stdout;
    // What every service account may do: ask who it is and what it may, read the API's description and trust bundles.
    let everyone = ["selfsubject", "[/", "Resources", "clustertrustbundles"];
    let mut own: Vec<String> = list
        .lines()
        .filter(|line| !everyone.iter().any(|word| line.trim_start().starts_with(word)) && !line.trim().is_empty())
        .filter(|line| !line.contains("[/"))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    own.sort();
    assert_eq!(
        own,
        [
            "leases.coordination.k8s.io [] [] [create]",
            "leases.coordination.k8s.io [] [dapr-preflight-certificates] [get update]",
            "mutatingwebhookconfigurations.admissionregistration.k8s.io [] [dapr-preflight] [get list watch patch]",
            "preflightexemptions.dapr-preflight.io [] [] [list watch]",
            "preflightexemptions.dapr-preflight.io/status [] [] [patch]",
            "preflightpolicies.dapr-preflight.io [] [] [list watch]",
            "preflightpolicies.dapr-preflight.io/status [] [] [patch]",
            "secrets [] [] [create]",
            "secrets [] [dapr-preflight-certificates] [get list watch update]",
            "validatingwebhookconfigurations.admissionregistration.k8s.io [] [dapr-preflight] [get list watch patch]",
        ]
    );
}

fn plain(cluster: &mut Cluster) {
    cluster.bring_others();
    let said =
        cluster.helm(&["template", "dapr-preflight", &format!("{ROOT}/deploy/chart"), "-n", HOME]).must_succeed();
    let of_chart: Vec<Value> = serde_saphyr::from_multiple(&said.stdout).unwrap();
    let text = std::fs::read_to_string(format!("{ROOT}/deploy/manifests.yaml")).unwrap();
    let written: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
    let without_helm = |mut object: Value| {
        // Labels of Helm's own, wherever they are.
        for labels in ["/metadata/labels", "/spec/template/metadata/labels"] {
            if let Some(labels) = object.pointer_mut(labels).and_then(Value::as_object_mut) {
                labels.retain(|key, _| key != "helm.sh/chart" && key != "app.kubernetes.io/managed-by");
            }
        }
        object
    };
    let of_chart: Vec<_> = of_chart.into_iter().map(without_helm).collect();
    assert!(of_chart == written, "deploy/manifests.yaml is old; write it by deploy/render");

    cluster.kubectl(&["delete", "namespace", HOME], "").must_succeed();
    cluster.without_us();
    cluster.kubectl(&["apply", "--server-side", "-k", &format!("{ROOT}/deploy")], "").must_succeed();
    cluster.existing_namespace(HOME).eventually_runs(2, "app.kubernetes.io/name=dapr-preflight");
    for file in ["manifests.yaml", "namespace.yaml"] {
        cluster.kubectl(&["delete", "-f", &format!("{ROOT}/deploy/{file}")], "").must_succeed();
    }
    assert_eq!(cluster.ours(), "");
    cluster.with_us();
}

fn values(cluster: &mut Cluster) {
    let port = cluster.preflight_port();
    for (value, says) in [
        ("--set=ceilling=audit", "additional properties 'ceilling' not allowed"),
        ("--set=ceiling=Audit", "/ceiling"),
        ("--set=replicas=0", "/replicas"),
        ("--set=webhooks.failurePolicy.mutatePods=Open", "/webhooks/failurePolicy/mutatePods"),
        ("--set=certificates.source=self", "/certificates/source"),
        ("--set=certificates.managed.validity=ninety", "/certificates/managed/validity"),
        ("--set=monitoring.dashboard.enabled=yes", "/monitoring/dashboard/enabled"),
        // Left empty, it would be the API server's own default, which is Fail.
        ("--set=webhooks.failurePolicy.mutatePods=null", "missing property 'mutatePods'"),
    ] {
        cluster.chart(&["template"], port, &[value]).must_fail().says(says);
    }
    // Under a lower ceiling everything fails open.
    let rendered = cluster.chart(&["template"], port, &["--set=ceiling=warn"]).must_succeed().stdout;
    assert!(rendered.contains("failurePolicy: Ignore") && rendered.contains("--ceiling=warn"));
    let webhooks =
        rendered.split("kind: ValidatingWebhookConfiguration").nth(1).unwrap().split("\n---").next().unwrap();
    assert!(!webhooks.contains("failurePolicy: Fail"), "{webhooks}");
}

fn mode_label(cluster: &mut Cluster) {
    let namespace = cluster.namespace("");
    let label = |mode: &str| {
        let label = format!("dapr-preflight.io/mode={mode}");
        cluster.kubectl(&["label", "--overwrite", "namespace", namespace.name(), &label], "")
    };
    let tried = |mode: &str| {
        let label = format!("dapr-preflight.io/mode={mode}");
        cluster.kubectl(&["label", "--dry-run=server", "--overwrite", "namespace", namespace.name(), &label], "")
    };
    label("enforced").must_succeed();
    for object in cluster.rendered(cluster.preflight_port(), "label-policy") {
        cluster.apply(&object.to_string());
    }
    let says = "dapr-preflight.io/mode is \"Enforce\": write enforce, warn or audit";
    eventually("it is refused", || tried("Enforce").stderr.contains(says).then_some(()));
    cluster.kubectl(&["annotate", "namespace", namespace.name(), "note=x"], "").must_succeed();
    for mode in ["enforce", "warn", "audit"] {
        label(mode).must_succeed();
    }
    let name = "mistyped-from-the-start";
    let object = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": { "dapr-preflight.io/mode": "on" } } });
    cluster.kubectl(&["create", "-f", "-"], &object.to_string()).must_fail().says("write enforce, warn or audit");
    for kind in ["validatingadmissionpolicybinding", "validatingadmissionpolicy"] {
        cluster.kubectl(&["delete", kind, "dapr-preflight-mode"], "").must_succeed();
    }
}

fn ways_out(cluster: &mut Cluster) {
    let page = std::fs::read_to_string(format!("{ROOT}/docs/emergency.md")).unwrap();
    let page = page.split("## Find out").next().unwrap();
    let ways: Vec<&str> = page
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("kubectl ") || line.starts_with("helm "))
        .filter(|line| !line.starts_with("kubectl get"))
        .collect();
    assert_eq!(ways.len(), 5, "{ways:?}");
    let port = cluster.preflight_port();
    cluster.without_us();
    cluster.chart(&["install"], port, &["--set=webhooks.failurePolicy.mutatePods=Fail"]).must_succeed();
    for way in ways {
        let namespace = cluster.namespace("enforce");
        cluster.serve(&[]);
        let bad = || {
            namespace.kubectl_with(
                &["apply", "--dry-run=server", "-f", "-"],
                &deployment("bad", 1, json!({ "dapr.io/log-level": "loud" })).to_string(),
            )
        };
        eventually("it is in the way", || bad().stderr.contains("[annotation-refused]").then_some(()));
        // The worst case: nobody answers. What keeps looking needs somebody.
        if !way.contains("mode=audit") {
            cluster.stop("preflight");
            eventually("it is in the way", || bad().stderr.contains("failed calling webhook").then_some(()));
        }
        let command =
            way.replace("NAMESPACE", namespace.name()).replace("deploy/chart", &format!("{ROOT}/deploy/chart"));
        let mut words = command.split_whitespace();
        match words.next() {
            Some("helm") => cluster.helm(&words.collect::<Vec<_>>()).must_succeed(),
            _ => cluster.kubectl(&words.collect::<Vec<_>>(), "").must_succeed(),
        };
        eventually(way, || bad().ok.then_some(()));
        // Back as installed.
        cluster
            .chart(&["upgrade"], port, &["--set=webhooks.failurePolicy.mutatePods=Fail", "--set=ceiling=enforce"])
            .must_succeed();
    }
    cluster.helm(&["uninstall", "dapr-preflight", "-n", HOME]).must_succeed();
    cluster.with_us();
}

fn questions(cluster: &mut Cluster) {
    cluster.bring_others();
    let namespace = cluster.namespace("enforce");
    let page = std::fs::read_to_string(format!("{ROOT}/docs/emergency.md")).unwrap();
    // Prose and blocks in turns; in the prose, words and code in turns.
    let asked = page.split("```").enumerate().flat_map(|(nth, part)| match nth % 2 {
        0 => part.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>(),
        _ => part.lines().map(|line| line.trim().to_owned()).collect(),
    });
    let asked: Vec<String> = asked.filter(|command| command.starts_with("kubectl get ")).collect();
    assert!(asked.len() >= 9, "{asked:?}");
    // What there is where certificates are managed.
    let metadata = json!({ "name": "dapr-preflight-certificates", "namespace": HOME });
    let secret =
        json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": { "tls.crt": "-" } });
    let lease = json!({ "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata });
    let managed = [secret, lease].map(|object| object.to_string());
    managed.iter().for_each(|object| drop(cluster.kubectl(&["apply", "-f", "-"], object).must_succeed()));
    for command in asked {
        let command = command.replace("NAMESPACE", namespace.name()).replace('\'', "");
        // What a filter behind it makes of the answer is not the API server's.
        let command = command.split(" | ").next().unwrap();
        let words: Vec<_> = command.split_whitespace().skip(1).collect();
        cluster.kubectl(&words, "").must_succeed();
    }
    managed.iter().for_each(|object| drop(cluster.kubectl(&["delete", "-f", "-"], object).must_succeed()));
}

fn replaced(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    // They end as the chart has them end.
    let mut arguments = vec!["--watch".to_owned()];
    arguments.extend(cluster.arguments_of_chart().into_iter().filter(|flag| flag.starts_with("--shutdown-")));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    cluster.serve(&arguments);
    let ports = [cluster.preflight_port(), cluster.start_preflight("replica-1", Dapr::V1_18, &arguments)];
    let balancer = balancer::Balancer::between(ports);
    cluster.register_at(balancer.port(), |webhook| webhook["failurePolicy"] = json!("Fail"));
    let mut api = cluster.api();
    let path = format!("/api/v1/namespaces/{}/pods", namespace.name());
    for number in 0..120 {
        // As a rolling update does: the new one is ready and known before the old one is asked to end.
        if let (30 | 70, old) = (number, if number == 30 { "preflight" } else { "replica-1" }) {
            let new = format!("replica-{}", number);
            let port = cluster.start_preflight(&new, Dapr::V1_18, &arguments);
            eventually("it is ready", || cluster.process(&new).log().contains("\"ready\"").then_some(()));
            balancer.replace(if number == 30 { ports[0] } else { ports[1] }, port);
            cluster.process(old).signal("TERM");
        }
        let (status, pod) = api.create(&path, &pod(&format!("order-{number}"), json!({}))).unwrap();
        assert_eq!(status, 201, "{pod:#}");
        assert_eq!(env(container(&pod, "daprd"), "GOMEMLIMIT"), Some("230MiB"), "{number} slipped through");
    }
    for name in ["replica-1", "replica-30", "replica-70"] {
        cluster.stop(name);
    }
}

fn alerts(cluster: &mut Cluster) {
    let promtool = cluster.programs().join("promtool");
    for arguments in [["check", "rules", "chart/files/alerts.yaml"], ["test", "rules", "alerts.test.yaml"]] {
        let output = Command::new(&promtool).args(arguments).current_dir(format!("{ROOT}/deploy")).output().unwrap();
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        assert!(output.status.success() && said.contains("SUCCESS"), "{said}");
    }
}

fn development(cluster: &mut Cluster) {
    let directory = cluster.directory().join("development");
    let script = Path::new(ROOT).join("certs/development");
    let output = Command::new(script).arg(&directory).arg("127.0.0.1").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let port = cluster.start_preflight("development", Dapr::V1_18, &["--tls-dir", directory.to_str().unwrap()]);
    let authority = std::fs::read(directory.join("ca.crt")).unwrap();
    cluster.register_at(port, |webhook| {
        webhook["clientConfig"]["caBundle"] =
            json!(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &authority));
        webhook["failurePolicy"] = json!("Fail");
    });
    let namespace = cluster.namespace("enforce");
    namespace.apply(deployment("order", 1, json!({}))).must_succeed();
    namespace.eventually_runs(1, "app=order");
    cluster.stop("development");
}
