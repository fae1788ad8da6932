//! What the programs of the cluster say of themselves: logs, metrics, audit events.

use std::collections::HashMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use super::Cluster;
use crate::namespace::Namespace;

impl Cluster {
    /// Our server's decisions in a namespace, from its log.
    pub fn decisions(&mut self, namespace: &Namespace) -> Vec<Value> {
        let log = self.process("preflight").log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["namespace"] == namespace.name()).collect()
    }

    /// How many calls the API server has made to our webhooks, by its own metrics.
    pub fn our_calls(&self) -> u64 {
        let metrics = self.api().text("/metrics");
        metrics
            .lines()
            .filter(|line| line.starts_with("apiserver_admission_webhook_request_total{"))
            .filter(|line| line.contains(".dapr-preflight.io\""))
            .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
            .sum()
    }

    /// What our server serves at `/metrics`.
    pub fn our_metrics(&self) -> String {
        get_plain(self.ports["preflight-ops"], "/metrics")
    }

    /// What our server answers there, without TLS.
    pub fn our_page(&self, path: &str) -> String {
        get_plain(self.ports["preflight-ops"], path)
    }

    /// The API server's audit events about a namespace.
    pub fn audit_events(&self, namespace: &Namespace) -> Vec<Value> {
        let log = fs::read_to_string(self.directory.join("audit.log")).unwrap_or_default();
        let events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        events.filter(|event| event["objectRef"]["namespace"] == namespace.name()).collect()
    }

    /// How long each log is now.
    pub fn log_marks(&self) -> HashMap<String, usize> {
        self.processes.iter().map(|process| (process.name().to_owned(), process.log_length())).collect()
    }

    /// What was logged since, by those who may have an opinion on a failure.
    pub fn print_logs_since(&self, marks: &HashMap<String, usize>) {
        for process in &self.processes {
            if process.name().starts_with("etcd") || process.name() == "kwok" {
                continue;
            }
            let log = process.log();
            let mark = marks.get(process.name()).copied().filter(|&mark| mark <= log.len()).unwrap_or_default();
            let lines: Vec<_> = log[mark..].lines().collect();
            println!("---- {} ({} lines since, the last 20)", process.name(), lines.len());
            lines.iter().skip(lines.len().saturating_sub(20)).for_each(|line| println!("{line:.400}"));
        }
    }
}

/// A page without TLS.
fn get_plain(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: ops\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
