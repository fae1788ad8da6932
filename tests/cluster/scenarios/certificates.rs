//! Managed certificates and client certificates, with the API server that has to trust them. Lifetimes are a hundred
//! thousandth of the real ones, so that minutes here stand for months.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};

use super::{Scenario, deployment, pod};
use crate::balancer::Balancer;
use crate::certificates::Client as ClientCertificate;
use crate::cluster::chart::HOME;
use crate::cluster::{Cluster, Dapr};
use crate::common::{Client, trusting_all};
use crate::manifests;
use crate::namespace::{Namespace, container, env, eventually};

pub const SCENARIOS: &[Scenario] = &[
    (
        "from nothing, certificates are made, kept, trusted and served, and a caBundle that is overwritten is put back",
        begin,
    ),
    ("an upgrade by Helm leaves the caBundle of managed certificates as it is", upgrade),
    ("both certificates are rotated under a stream of pods, and none fails", rotation),
    ("of two replicas the one that renews is killed amid a rotation, the other ends it, and no pod fails", killed),
    (
        "certificates whose Secret is deleted, spoilt, read-only or forbidden are served on, and put back when that ends",
        spoilt,
    ),
    ("the API server goes away amid a rotation of certificates, and it is ended afterwards without a failed pod", away),
    ("the commands for a key that has leaked replace the authority under a stream of pods, and none fails", leaked),
    ("only the API server with its client certificate is let in", client),
];

const NAME: &str = "dapr-preflight-certificates";
const CONFIGURATIONS: [&str; 2] = ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"];
/// The least that a scenario says.
const MANAGED: [&str; 2] = ["--tls-secret=dapr-preflight-certificates", "--tls-name=127.0.0.1"];
/// A certificate for 20 seconds, an authority for a minute.
const SHORT: [&str; 7] = [
    "--tls-validity=20s",
    "--tls-renew-before=10s",
    "--tls-ca-validity=60s",
    "--tls-ca-renew-before=40s",
    "--tls-settle=3s",
    "--tls-clock-skew=0s",
    "--tls-lease=3s",
];

impl Cluster {
    /// Registered at this port without a caBundle and with `Fail`, nothing kept: as after an installation.
    fn without_certificates(&self, port: u16) {
        self.kubectl(&["-n", HOME, "delete", "secret,lease", NAME, "--ignore-not-found"], "").must_succeed();
        for configuration in CONFIGURATIONS {
            self.kubectl(&["delete", configuration, "dapr-preflight", "--ignore-not-found"], "").must_succeed();
        }
        self.register_at(port, |webhook| {
            webhook["clientConfig"].as_object_mut().unwrap().remove("caBundle");
            webhook["failurePolicy"] = json!("Fail");
        });
    }

    fn manage(&mut self, more: &[&str]) {
        self.serve(&[&MANAGED, more].concat());
    }

    /// What each webhook of both configurations trusts, PEM.
    fn bundles(&self) -> Vec<String> {
        let mut api = self.api();
        let all = CONFIGURATIONS.map(|kind| {
            api.get(&format!("/apis/admissionregistration.k8s.io/v1/{kind}/dapr-preflight"))["webhooks"].clone()
        });
        all.iter()
            .flat_map(|webhooks| webhooks.as_array().unwrap())
            .map(|webhook| webhook["clientConfig"]["caBundle"].as_str().unwrap_or_default())
            .map(|bundle| String::from_utf8(STANDARD.decode(bundle).unwrap()).unwrap())
            .collect()
    }

    fn eventually_trusted(&self) -> String {
        eventually("the configurations trust somebody", || {
            let bundles = self.bundles();
            (!bundles[0].is_empty() && bundles.iter().all(|bundle| *bundle == bundles[0])).then(|| bundles[0].clone())
        })
    }

    fn kept(&self) -> Option<Value> {
        let path = format!("/api/v1/namespaces/{HOME}/secrets/{NAME}");
        let response = self.api().request("GET", &path, b"").unwrap();
        (response.status == 200).then(|| response.json()["data"].clone())
    }

    fn our_metric(&self, name: &str) -> f64 {
        let metrics = self.our_metrics();
        let line = metrics.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
        line.unwrap_or_else(|| panic!("no {name} in {metrics}")).rsplit(' ').next().unwrap().parse().unwrap()
    }

    fn says(&mut self, words: &str) {
        eventually(words, || self.process("preflight").log().contains(words).then_some(()));
    }
}

/// A pod goes through both webhooks and is mended, without being kept.
fn mends(cluster: &Cluster, namespace: &Namespace, name: &str) {
    let path = format!("/api/v1/namespaces/{}/pods?dryRun=All", namespace.name());
    let (status, pod) = cluster.api().create(&path, &pod(name, json!({}))).unwrap();
    assert_eq!(status, 201, "{name}: {pod:#}");
    assert_eq!(pod["metadata"]["annotations"]["dapr.io/env"], "GOMEMLIMIT=230MiB", "{name}");
}

/// A new connection by somebody who trusts what was published a while ago.
fn shakes_hands(port: u16, bundle: &str) {
    let roots: Vec<_> = CertificateDer::pem_slice_iter(bundle.as_bytes()).map(Result::unwrap).collect();
    let address: SocketAddr = ([127, 0, 0, 1], port).into();
    if let Err(error) = Client::try_connect(address, trusting_all(&roots)) {
        panic!("who trusts this does not trust what is served: {error}\n{bundle}");
    }
}

/// Pods, and connections by an API server that is a second late, until it is true.
fn under_a_stream(
    cluster: &mut Cluster,
    namespace: &Namespace,
    port: u16,
    mut until: impl FnMut(&mut Cluster) -> bool,
) {
    let mut past = vec![(Instant::now(), cluster.eventually_trusted())];
    let begun = Instant::now();
    for number in 0.. {
        mends(cluster, namespace, &format!("order-{number}"));
        past.push((Instant::now(), cluster.bundles()[0].clone()));
        let late = past.iter().rfind(|(when, _)| when.elapsed() > Duration::from_secs(1)).unwrap_or(&past[0]);
        shakes_hands(port, &late.1);
        if until(cluster) {
            println!("       {number} pods in {:.0} s", begun.elapsed().as_secs_f64());
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(150), "it never came to that");
    }
}

fn begin(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    cluster.without_certificates(cluster.preflight_port());
    // It looks by itself only every 200 seconds: what happens sooner happens because it watches.
    cluster.manage(&["--tls-lease=10m"]);
    let bundle = cluster.eventually_trusted();
    eventually("it is ready", || cluster.our_page("/readyz").contains("\r\n\r\nok\n").then_some(()));
    eventually("the API server has noticed", || namespace.apply(deployment("order", 1, json!({}))).ok.then_some(()));
    let pods = namespace.eventually_runs(1, "app=order");
    assert_eq!(env(container(&pods[0], "daprd"), "GOMEMLIMIT"), Some("230MiB"));

    let data = cluster.kept().unwrap();
    assert_eq!(data.as_object().unwrap().keys().collect::<Vec<_>>(), ["ca.crt", "ca.key", "tls.crt", "tls.key"]);
    let day = 24.0 * 3600.0;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    let left = |metric: &str| (cluster.our_metric(metric) - now) / day;
    assert!((89.9..90.1).contains(&left("dapr_preflight_certificate_expiry_timestamp_seconds")));
    assert!((364.9..365.1).contains(&left("dapr_preflight_certificate_authority_expiry_timestamp_seconds")));
    assert_eq!(cluster.our_metric("dapr_preflight_certificate_lease_held"), 1.0);

    // It owns the caBundle and nothing else.
    let object =
        cluster.api().get("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/dapr-preflight");
    let managed = object["metadata"]["managedFields"].as_array().unwrap();
    let ours = managed.iter().find(|entry| entry["manager"] == NAME).unwrap();
    let webhook = &ours["fieldsV1"]["f:webhooks"]["k:{\"name\":\"mutate.enforce.dapr-preflight.io\"}"];
    assert_eq!(*webhook, json!({ ".": {}, "f:name": {}, "f:clientConfig": { "f:caBundle": {} } }));

    // Somebody who knows better.
    cluster.register_with(|webhook| webhook["failurePolicy"] = json!("Fail"));
    eventually("the caBundle is put back", || cluster.bundles().iter().all(|now| *now == bundle).then_some(()));
    eventually("the API server has noticed", || namespace.apply(deployment("again", 1, json!({}))).ok.then_some(()));
    cluster.kubectl(&["-n", HOME, "delete", "secret", NAME], "").must_succeed();
    eventually("the Secret is put back", || cluster.kept().filter(|now| *now == data));
}

fn upgrade(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    let port = cluster.preflight_port();
    cluster.kubectl(&["-n", HOME, "delete", "secret,lease", NAME, "--ignore-not-found"], "").must_succeed();
    cluster.without_us();
    for kind in ["role", "rolebinding"] {
        cluster.kubectl(&["-n", HOME, "delete", kind, "dapr-preflight", "--ignore-not-found"], "").must_succeed();
    }
    let managed = ["--set=certificates.source=managed", "--set=webhooks.failurePolicy.mutatePods=Fail"];
    cluster.chart(&["install"], port, &managed).must_succeed();
    cluster.new_token();
    cluster.manage(&[]);
    first_trust(cluster, &namespace);
    let before = cluster.bundles();
    let written =
        |cluster: &mut Cluster| cluster.process("preflight").log().matches("the caBundle of a webhook").count();
    let until_now = written(cluster);
    for seconds in [4, 5, 6] {
        let timeout = format!("--set=webhooks.timeoutSeconds={seconds}");
        cluster.chart(&["upgrade"], port, &[&managed[..], &[&timeout]].concat()).must_succeed();
        assert_eq!(cluster.bundles(), before);
        mends(cluster, &namespace, "after");
    }
    assert_eq!(written(cluster), until_now, "it had to be put back");
    cluster.stop("preflight");
    cluster.helm(&["uninstall", "dapr-preflight", "-n", HOME]).must_succeed();
    cluster.with_us();
}

fn rotation(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    let port = cluster.preflight_port();
    cluster.without_certificates(port);
    cluster.manage(&SHORT);
    first_trust(cluster, &namespace);
    under_a_stream(cluster, &namespace, port, |cluster| {
        let made = |what| cluster.our_metric(&format!("dapr_preflight_certificates_made_total{{what=\"{what}\"}}"));
        made("authority") >= 3.0 && made("certificate") >= 5.0
    });
    assert_eq!(cluster.our_metric("dapr_preflight_certificate_reloads_total{outcome=\"refused\"}"), 0.0);
}

/// Until the API server has seen the first caBundle.
fn first_trust(cluster: &Cluster, namespace: &Namespace) {
    cluster.eventually_trusted();
    eventually("the API server trusts it", || {
        let path = format!("/api/v1/namespaces/{}/pods?dryRun=All", namespace.name());
        let (status, _) = cluster.api().create(&path, &pod("first", json!({}))).unwrap();
        (status == 201).then_some(())
    });
}

fn killed(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    let port = cluster.preflight_port();
    cluster.without_certificates(port);
    cluster.manage(&SHORT);
    first_trust(cluster, &namespace);
    let second = cluster.start_preflight("replica-1", Dapr::V1_18, &[&MANAGED[..], &SHORT].concat());
    let balancer = Balancer::between([port, second]);
    eventually("the second one serves", || cluster.process("replica-1").log().contains("\"ready\"").then_some(()));
    cluster.register_url(balancer.port());
    under_a_stream(cluster, &namespace, second, |cluster| {
        cluster.kept().is_some_and(|data| !data["next-ca.crt"].is_null())
    });
    let before = cluster.kept().unwrap();
    cluster.process("preflight").signal("KILL");
    under_a_stream(cluster, &namespace, second, |cluster| {
        let now = cluster.kept().unwrap();
        now["ca.crt"] == before["next-ca.crt"] && now["tls.crt"] != before["tls.crt"]
    });
    assert!(cluster.process("replica-1").log().contains("this replica renews certificates"));
    cluster.stop("replica-1");
}

fn spoilt(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    cluster.without_certificates(cluster.preflight_port());
    cluster.manage(&["--tls-lease=3s"]);
    first_trust(cluster, &namespace);
    let good = cluster.kept().unwrap();
    let back = |cluster: &Cluster| {
        eventually("the Secret is as it was", || cluster.kept().filter(|now| *now == good));
        mends(cluster, &namespace, "after");
    };
    let spoil = |cluster: &Cluster| {
        let patch = json!({ "data": { "tls.crt": STANDARD.encode("garbage"), "ca.key": null } }).to_string();
        cluster.kubectl(&["-n", HOME, "patch", "secret", NAME, "--type=merge", "-p", &patch], "").must_succeed();
    };
    cluster.kubectl(&["-n", HOME, "delete", "secret", NAME], "").must_succeed();
    back(cluster);
    spoil(cluster);
    back(cluster);

    // Read-only.
    let verbs = r#"[{"op":"replace","path":"/rules/0/verbs","value":["get","list","watch"]}]"#;
    cluster.kubectl(&["-n", HOME, "patch", "role", "dapr-preflight", "--type=json", "-p", verbs], "").must_succeed();
    spoil(cluster);
    cluster.says("the Secret cannot be written");
    assert!(cluster.our_metric("dapr_preflight_certificate_errors_total{what=\"secret\"}") > 0.0);
    mends(cluster, &namespace, "read-only");
    cluster.permit();
    back(cluster);

    // No permission at all, not even to read; and it is gone.
    cluster.kubectl(&["-n", HOME, "delete", "rolebinding", "dapr-preflight"], "").must_succeed();
    cluster.kubectl(&["-n", HOME, "delete", "secret", NAME], "").must_succeed();
    cluster.says("the Secret cannot be read");
    cluster.says("the Lease cannot be read");
    mends(cluster, &namespace, "forbidden");
    assert!(cluster.our_page("/readyz").contains("\r\n\r\nok\n"));
    cluster.permit();
    back(cluster);
}

fn away(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    let port = cluster.preflight_port();
    cluster.without_certificates(port);
    // Stopping and starting an API server takes its time.
    let longer =
        ["--tls-validity=60s", "--tls-renew-before=40s", "--tls-ca-validity=120s", "--tls-ca-renew-before=90s"];
    cluster.manage(&[&longer[..], &SHORT[4..]].concat());
    first_trust(cluster, &namespace);
    under_a_stream(cluster, &namespace, port, |cluster| {
        cluster.kept().is_some_and(|data| !data["next-ca.crt"].is_null())
    });
    let before = cluster.kept().unwrap();
    cluster.stop("kube-apiserver");
    // In the place of a minute: a sixth of a certificate's life is two weeks of a real one's.
    std::thread::sleep(Duration::from_secs(10));
    assert!(cluster.our_page("/readyz").contains("\r\n\r\nok\n"), "it serves on");
    cluster.start_apiserver();
    under_a_stream(cluster, &namespace, port, |cluster| {
        let now = cluster.kept().unwrap();
        now["ca.crt"] == before["next-ca.crt"] && now["tls.crt"] != before["tls.crt"]
    });
}

fn leaked(cluster: &mut Cluster) {
    let namespace = cluster.namespace("enforce");
    let port = cluster.preflight_port();
    cluster.without_certificates(port);
    cluster.manage(&["--tls-settle=3s"]);
    first_trust(cluster, &namespace);
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/emergency.md")).unwrap();
    let chapter = page.split("\n## ").find(|chapter| chapter.starts_with("The certificate")).unwrap();
    let commands: Vec<_> = chapter
        .lines()
        .map(str::trim)
        .filter_map(|line| line.strip_prefix("kubectl "))
        .map(|line| line.split(" | ").next().unwrap().replace('\'', ""))
        .collect();
    assert_eq!(commands.len(), 5, "{commands:?}");
    let run = |cluster: &Cluster, command: &str| {
        cluster.kubectl(&command.split_whitespace().collect::<Vec<_>>(), "").must_succeed();
    };
    commands[..3].iter().for_each(|command| run(cluster, command));
    let before = cluster.eventually_trusted();
    run(cluster, &commands[3]);
    under_a_stream(cluster, &namespace, port, |cluster| {
        cluster.kept().is_some_and(|data| !data["previous-ca.crt"].is_null())
    });
    run(cluster, &commands[4]);
    under_a_stream(cluster, &namespace, port, |cluster| !cluster.bundles()[0].contains(before.trim()));
}

fn client(cluster: &mut Cluster) {
    let directory = cluster.directory().to_owned();
    let certificate = ClientCertificate::signed("kube-apiserver");
    std::fs::write(directory.join("clients.crt"), &certificate.authority).unwrap();
    let namespace = cluster.namespace("enforce");
    let ca = format!("--client-ca={}", directory.join("clients.crt").display());
    cluster.serve(&[&ca, "--client-name=kube-apiserver"]);
    cluster.register_with(|webhook| webhook["failurePolicy"] = json!("Fail"));
    // Without a certificate, the API server is anybody.
    namespace.apply(pod("early", json!({}))).must_fail().says("failed calling webhook");

    let user = json!({
        "client-certificate-data": STANDARD.encode(&certificate.certificate),
        "client-key-data": STANDARD.encode(&certificate.key),
    });
    std::fs::write(directory.join("admission.kubeconfig"), manifests::webhook_user(&user)).unwrap();
    std::fs::write(directory.join("admission.yaml"), manifests::admission(&directory.join("admission.kubeconfig")))
        .unwrap();
    cluster.stop("kube-apiserver");
    cluster.start_apiserver_with(&["--admission-control-config-file=admission.yaml"]);
    first_trust(cluster, &namespace);
    mends(cluster, &namespace, "order");

    // The same authority, another name.
    cluster.serve(&[&ca, "--client-name=somebody-else"]);
    namespace.apply(pod("late", json!({}))).must_fail().says("failed calling webhook");
    cluster.stop("kube-apiserver");
    cluster.start_apiserver();
}
