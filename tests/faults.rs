//! What goes wrong in production, done to the real binary over TLS: peers that are slow, many, rude or gone; bodies made to
//! hurt; too much at once; panics; an end in the middle of it; a policy with a mistake. What is asked of each: that nobody else
//! notices, that it is counted, and that it is over when it is over.
#![cfg(unix)]

mod common;

#[path = "faults/bodies.rs"]
mod bodies;
#[path = "faults/drain.rs"]
mod drain;
#[path = "faults/load.rs"]
mod load;
#[path = "faults/others.rs"]
mod others;
#[path = "faults/peers.rs"]
mod peers;
#[path = "faults/policy.rs"]
mod policy;
#[path = "faults/words.rs"]
mod words;
