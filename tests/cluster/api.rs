//! The API server by its own interface, on one kept connection: for what kubectl is too slow, or too kind.

use std::io;

use serde_json::{Value, json};

use crate::common::{Client, Response, trusting_anything};

/// A connection to the API server.
pub struct Api {
    client: Client,
    token: &'static str,
}

impl Api {
    /// Connects.
    pub fn connect(port: u16, token: &'static str) -> Self {
        Self::try_connect(port, token).unwrap()
    }

    /// Connects, if the API server is there.
    pub fn try_connect(port: u16, token: &'static str) -> io::Result<Self> {
        let client = Client::try_connect(([127, 0, 0, 1], port).into(), trusting_anything())?;
        Ok(Self { client, token })
    }

    /// One request.
    pub fn request(&mut self, method: &str, path: &str, body: &[u8]) -> io::Result<Response> {
        let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: kubernetes\r\nauthorization: Bearer {}\r\ncontent-type: {kind}\r\n\
             content-length: {}\r\n\r\n",
            self.token,
            body.len()
        );
        self.client.try_send(&[head.as_bytes(), body].concat())?;
        self.client.receive()
    }

    /// An object that must be there.
    pub fn get(&mut self, path: &str) -> Value {
        let response = self.request("GET", path, b"").unwrap();
        assert_eq!(response.status, 200, "{path}: {}", response.text());
        response.json()
    }

    /// A page that must be there.
    pub fn text(&mut self, path: &str) -> String {
        self.try_text(path).unwrap_or_else(|| panic!("{path} is not there"))
    }

    /// A page, if it is there.
    pub fn try_text(&mut self, path: &str) -> Option<String> {
        self.request("GET", path, b"").ok().filter(|response| response.status == 200).map(|response| response.text())
    }

    /// Creates an object: the status code and what came back.
    pub fn create(&mut self, path: &str, object: &Value) -> io::Result<(u16, Value)> {
        let response = self.request("POST", path, object.to_string().as_bytes())?;
        Ok((response.status, response.json()))
    }

    /// Makes a node and its status, which nobody else does here. Of one that is there, only taints and a cordon are taken
    /// away, and only if it has some: every other change would put off its next sign of life.
    pub fn ensure_node(&mut self, name: &str, node: &Value) {
        let path = format!("/api/v1/nodes/{name}");
        let (created, _) = self.create("/api/v1/nodes", node).unwrap();
        if created == 201 {
            self.merge(&format!("{path}/status"), &json!({ "status": node["status"] }));
        }
        // The API server taints every new node as not ready, until a controller takes that away.
        let spec = &self.get(&path)["spec"];
        if !(spec["taints"].is_null() && spec["unschedulable"].is_null()) {
            self.merge(&path, &json!({ "spec": { "taints": null, "unschedulable": null } }));
        }
    }

    fn merge(&mut self, path: &str, patch: &Value) {
        let response = self.request("PATCH", path, patch.to_string().as_bytes()).unwrap();
        assert_eq!(response.status, 200, "{path}: {}", response.text());
    }
}
