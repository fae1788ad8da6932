//! The limits of `serve`, as arguments: what a peer may take of time, memory and places.

use std::time::Duration;

use clap::Args;

use super::super::number::at_least_one;
use crate::server::{BodyLimits, Deadlines, Limits, RoomLimits};

/// How long the API server keeps an idle connection to a webhook for its next request, in seconds (the transport of
/// `k8s.io/apimachinery/pkg/util/net`, `SetOldTransportDefaults` and Go's `http.DefaultTransport`).
const API_SERVER_IDLE: u32 = 90;

/// What peers may take.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// The longest request body that is read, in bytes; a longer one gets HTTP 413.
    ///
    /// An update carries two objects, of up to 3 MiB each.
    #[arg(long, env = "DAPR_PREFLIGHT_MAX_BODY_BYTES", default_value_t = 8 << 20, value_name = "BYTES",
          value_parser = at_least_one)]
    pub max_body_bytes: u32,

    /// Bytes of all bodies longer than 64 KiB together; further ones wait, unread. No less than --max-body-bytes.
    #[arg(long, env = "DAPR_PREFLIGHT_MAX_BUFFERED_BYTES", default_value_t = 32 << 20, value_name = "BYTES",
          value_parser = at_least_one)]
    pub max_buffered_bytes: u32,

    /// Requests at a time that have such a body and wait; further ones get HTTP 503 at once.
    ///
    /// The failurePolicy of the webhook then decides, as for every error.
    #[arg(long, env = "DAPR_PREFLIGHT_MAX_WAITING", default_value_t = 64, value_name = "NUMBER")]
    pub max_waiting: u16,

    /// Requests at a time, of any size, from the end of their head to their answer; further ones get HTTP 503 at once.
    #[arg(long, env = "DAPR_PREFLIGHT_MAX_REQUESTS", default_value_t = 256, value_name = "NUMBER",
          value_parser = at_least_one)]
    pub max_requests: u32,

    /// Connections at a time. One more closes another: one that never asked anything, or was idle for longest.
    #[arg(long, env = "DAPR_PREFLIGHT_MAX_CONNECTIONS", default_value_t = 512, value_name = "NUMBER",
          value_parser = at_least_one)]
    pub max_connections: u32,

    /// How long a TLS handshake may take, in seconds.
    #[arg(long, env = "DAPR_PREFLIGHT_HANDSHAKE_TIMEOUT_SECONDS", default_value_t = 10, value_name = "SECONDS",
          value_parser = at_least_one)]
    pub handshake_timeout_seconds: u32,

    /// How long the head of a request may take from its first byte, in seconds.
    #[arg(long, env = "DAPR_PREFLIGHT_HEADER_TIMEOUT_SECONDS", default_value_t = 5, value_name = "SECONDS",
          value_parser = at_least_one)]
    pub header_timeout_seconds: u32,

    /// How long the body may take after that, in seconds, if the request's own ?timeout= is not shorter.
    #[arg(long, env = "DAPR_PREFLIGHT_BODY_TIMEOUT_SECONDS", default_value_t = 10, value_name = "SECONDS",
          value_parser = at_least_one)]
    pub body_timeout_seconds: u32,

    /// How long a peer may take to read its answer, in seconds.
    #[arg(long, env = "DAPR_PREFLIGHT_ANSWER_TIMEOUT_SECONDS", default_value_t = 30, value_name = "SECONDS",
          value_parser = at_least_one)]
    pub answer_timeout_seconds: u32,

    /// How long a connection is kept between two requests, in seconds: longer than the API server's 90, or it finds it closed.
    #[arg(long, env = "DAPR_PREFLIGHT_IDLE_TIMEOUT_SECONDS", default_value_t = 120, value_name = "SECONDS",
          value_parser = at_least_one)]
    pub idle_timeout_seconds: u32,
}

impl LimitArgs {
    /// The limits, checked against each other.
    ///
    /// # Errors
    /// Where two of them exclude each other: which, and what to write.
    pub fn limits(self) -> anyhow::Result<Limits> {
        let Self { max_body_bytes, max_buffered_bytes, max_requests, max_connections, .. } = self;
        anyhow::ensure!(
            max_buffered_bytes >= max_body_bytes,
            "--max-buffered-bytes {max_buffered_bytes} is less than --max-body-bytes {max_body_bytes}: the longest body \
             would never have room; raise the one or lower the other"
        );
        if self.idle_timeout_seconds <= API_SERVER_IDLE {
            tracing::warn!(
                "--idle-timeout-seconds {} is no more than the {API_SERVER_IDLE} for which the API server keeps a \
                 connection: it may send a review just when it is closed",
                self.idle_timeout_seconds
            );
        }
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        Ok(Limits {
            body: BodyLimits { bytes: max_body_bytes as usize, time: seconds(self.body_timeout_seconds) },
            room: RoomLimits {
                requests: max_requests as usize,
                bytes: max_buffered_bytes as usize,
                waiting: self.max_waiting.into(),
            },
            connections: max_connections as usize,
            handshake: seconds(self.handshake_timeout_seconds),
            deadlines: Deadlines {
                idle: seconds(self.idle_timeout_seconds),
                head: seconds(self.header_timeout_seconds),
                answer: seconds(self.answer_timeout_seconds),
            },
        })
    }
}
