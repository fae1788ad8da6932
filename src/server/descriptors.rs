//! File descriptors: a connection is one, and many systems give a process 1,024 until it asks for more.

/// Sees to it that so many may be open, as far as the system lets us.
#[cfg(unix)]
pub(super) fn allow(wanted: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = wanted as u64;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return;
    }
    let current = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(current), maximum: limit.maximum });
    if current < wanted || raised.is_err() {
        tracing::warn!(current, wanted, "raise the limit on open files (ulimit -n) or lower --max-connections");
    }
}

/// There is no such limit.
#[cfg(not(unix))]
pub(super) fn allow(_: usize) {}
