//! How far it is, on a terminal, when it takes long.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

/// What is said nothing of before it has taken so long, and then no oftener, in milliseconds.
const EVERY: u64 = 200;

/// A line on standard error that is written over and over.
#[derive(Debug)]
pub(super) struct Progress {
    all: usize,
    done: AtomicUsize,
    begun: Instant,
    /// When it was last written, in milliseconds from the beginning.
    written: AtomicU64,
    shown: bool,
}

impl Progress {
    pub fn new(all: usize, wanted: bool) -> Self {
        let shown = wanted && std::io::stderr().is_terminal();
        Self { all, done: AtomicUsize::new(0), begun: Instant::now(), written: AtomicU64::new(0), shown }
    }

    /// One more is done.
    pub fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.shown {
            return;
        }
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let last = self.written.load(Ordering::Relaxed);
        let due = now >= last + EVERY;
        // Whoever is first to see that it is due writes.
        if due && self.written.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            // What cannot be shown is not worth a failure.
            let _ = write!(std::io::stderr(), "\rchecking: {done} of {} files", self.all);
        }
    }

    /// Takes the line away.
    pub fn end(&self) {
        if self.shown && self.written.load(Ordering::Relaxed) > 0 {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
