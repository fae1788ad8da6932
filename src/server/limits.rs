//! Every limit in one place: what a peer may take of time, memory and places.

use std::time::Duration;

use super::body::BodyLimits;
use super::pace::Deadlines;
use super::room::RoomLimits;

/// What a peer may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of one body.
    pub body: BodyLimits,
    /// Of all requests together.
    pub room: RoomLimits,
    /// Connections at a time, TLS handshakes included.
    pub connections: usize,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long a peer is waited for after that.
    pub deadlines: Deadlines,
}
