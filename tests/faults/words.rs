//! What is said of a request, and what never is.

use serde_json::{Value, json};

use crate::common::{Server, captured, wait_until};
use crate::others::{PATH, REVIEW, undisturbed};

const SECRET: &str = "hunter2-is-my-password";

fn review(uid: &str) -> Value {
    let mut review: Value = serde_json::from_slice(&captured("mutate-create-pod-bare-dapr")).unwrap();
    review["request"]["uid"] = json!(uid);
    review
}

#[test]
fn one_panic_costs_one_request_and_is_found_in_the_log_by_its_uid() {
    let server = Server::start(&[]);
    let mut review = review("seam:panic");
    review["request"]["name"] = json!(SECRET);
    undisturbed(&server, || {
        let mut client = server.connect();
        for _ in 0..3 {
            let response = client.post(PATH, review.to_string().as_bytes());
            let status = response.json();
            assert_eq!((response.status, &status["reason"]), (500, &json!("InternalError")));
            assert!(status["message"].as_str().unwrap().ends_with("request seam:panic"), "{status}");
        }
        // On the same connection.
        assert_eq!(client.post(PATH, &captured(REVIEW)).status, 200);
    });
    assert_eq!(server.metric("dapr_preflight_panics_total"), 3.0);
    assert_eq!(server.metric("dapr_preflight_http_errors_total{code=\"500\"}"), 3.0);
    server.logged(|line| line["message"] == "request refused" && line["uid"] == "seam:panic");
    let panic = server.logged(|line| line["message"] == "panic");
    assert!(panic["place"].as_str().unwrap().contains("seam.rs"), "{panic}");
    says_no_secret(&server);
}

#[test]
fn a_review_that_gets_no_processor_holds_up_nobody_else() {
    let server = Server::start(&["--threads", "2"]);
    undisturbed(&server, || {
        assert_eq!(server.post("/mutate/enforce", review("seam:slow").to_string().as_bytes()).status, 200);
    });
}

#[test]
fn an_error_without_a_review_has_a_number_by_which_it_is_found_in_the_log() {
    let server = Server::start(&[]);
    let response = server.post("/mutate/enforce", b"{}").json();
    let message = response["message"].as_str().unwrap().to_owned();
    let (_, id) = message.rsplit_once("; request ").unwrap();
    assert!(id.starts_with("preflight-"), "{message}");
    server.logged(|line| line["message"] == "request refused" && line["uid"] == *id);
}

#[test]
fn secrets_and_values_of_env_are_in_no_line_of_the_log() {
    let server = Server::start(&["--log-level", "trace"]);
    let secret = json!([{ "name": "PASSWORD", "value": SECRET }]);
    let env = format!("PASSWORD={SECRET},GOMEMLIMIT={SECRET}");
    let mut pod = review("secretive");
    pod["request"]["object"]["metadata"]["annotations"]["dapr.io/env"] = json!(env);
    pod["request"]["object"]["metadata"]["annotations"]["dapr.io/log-level"] = json!(SECRET);
    pod["request"]["object"]["metadata"]["annotations"]["dapr.io/sidecar-cpu-limit"] = json!(SECRET);
    pod["request"]["object"]["spec"]["containers"][0]["env"] = secret.clone();
    // Where it does not belong, so that it cannot be read.
    let mut misplaced = vec![pod.clone()];
    for place in
        ["/request/object/spec", "/request/object/spec/containers", "/request/object/metadata", "/request/dryRun"]
    {
        let mut other = pod.clone();
        *other.pointer_mut(place).unwrap() = json!(SECRET);
        misplaced.push(other);
    }
    let mut env = pod.clone();
    env["request"]["object"]["spec"]["containers"][0]["env"] = json!(SECRET);
    misplaced.push(env);
    let mut list = pod;
    list["request"]["object"]["spec"]["containers"][0]["ports"] = json!([{ "containerPort": SECRET }]);
    misplaced.push(list);
    let sent = misplaced.len() * 2 + 1;
    for body in &misplaced {
        for path in ["/mutate/enforce", "/validate/enforce"] {
            assert_eq!(server.post(path, body.to_string().as_bytes()).status, 200, "{body}");
        }
    }
    // Not even a review.
    assert_eq!(server.post("/mutate/enforce", json!({ "request": SECRET }).to_string().as_bytes()).status, 400);
    wait_until(|| server.log().iter().filter(|line| line["uid"].is_string()).count() >= sent);
    says_no_secret(&server);
}

fn says_no_secret(server: &Server) {
    let lines = server.log();
    let telling = lines.iter().find(|line| line.to_string().contains(SECRET));
    assert!(telling.is_none(), "{telling:?}");
}
