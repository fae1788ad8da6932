//! Where log lines go: into memory at once, to standard error when it takes them.
//!
//! A thread of its own does the writing, in batches. Nobody else ever waits for standard error: when it is blocked
//! and the buffer is full, lines are dropped and counted.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use clap::ValueEnum;
use prometheus::IntCounter;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How much may wait to be written, in bytes.
const CAPACITY: usize = 1 << 20;
/// How long lines are gathered after a write, to be written together.
const GATHER: Duration = Duration::from_millis(5);
/// How long the end of the process waits for standard error.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What a log line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For a person at a terminal.
    Human,
    /// One JSON object per line.
    Json,
}

/// A handle on the log of this process; clones write to the same place.
#[derive(Clone, Debug)]
pub struct Log {
    shared: Arc<Shared>,
    dropped: IntCounter,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// Something is waiting, or the end has come.
    filled: Condvar,
    /// Everything has been written.
    emptied: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    lines: Vec<u8>,
    writer: Writer,
    /// The end is near: gather no more.
    hurry: bool,
}

/// What the writer is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Writer {
    /// For the first line after a silence, which is written at once.
    #[default]
    Waits,
    /// Busy, or blocked.
    Writes,
    /// Gets some sleep while more lines come.
    Gathers,
}

impl Log {
    /// Starts the writer, which writes to `target` from now on.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(mut target: impl Write + Send + 'static, dropped: IntCounter) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        thread::Builder::new().name("log".into()).spawn(move || theirs.write_for_ever(&mut target))?;
        Ok(Self { shared, dropped })
    }

    /// Takes one line, or several, each with its newline.
    pub(super) fn push(&self, line: &[u8]) {
        let mut queue = self.shared.lock();
        if queue.lines.len() + line.len() > CAPACITY {
            drop(queue);
            return self.dropped.inc();
        }
        let before = queue.lines.len();
        queue.lines.extend_from_slice(line);
        // Waking the writer costs more than the line.
        let wake = match queue.writer {
            Writer::Waits => before == 0,
            Writer::Gathers => before < CAPACITY / 2 && queue.lines.len() >= CAPACITY / 2,
            Writer::Writes => false,
        };
        drop(queue);
        if wake {
            self.shared.filled.notify_one();
        }
    }

    /// Waits until everything is written, or until standard error has had time enough.
    pub fn flush(&self) {
        let mut queue = self.shared.lock();
        queue.hurry = true;
        self.shared.filled.notify_one();
        let _ = self
            .shared
            .emptied
            .wait_timeout_while(queue, LAST_WORDS, |queue| queue.writer == Writer::Writes || !queue.lines.is_empty());
    }

    /// Sends everything that is told by `tracing`, panics included, to this log.
    pub fn install(&self, format: LogFormat, level: tracing::Level) {
        let builder = tracing_subscriber::fmt().with_max_level(level).with_target(false).with_writer(self.clone());
        // Kubernetes' client says of each request that fails that it failed, and neither which nor why. We say both, once.
        let said_twice = if level > tracing::Level::INFO { level.into() } else { LevelFilter::OFF };
        let filter = Targets::new().with_default(level).with_target("kube_client", said_twice);
        match format {
            LogFormat::Human => builder.with_ansi(io::stderr().is_terminal()).finish().with(filter).init(),
            LogFormat::Json => builder.json().flatten_event(true).finish().with(filter).init(),
        }
        std::panic::set_hook(Box::new(|panic| {
            // A message that was put together may hold a value of the request, a slice that went wrong does.
            let literal = panic.payload().downcast_ref::<&'static str>();
            let said = literal.copied().unwrap_or("withheld, since it may quote a request");
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(said, place, "panic");
        }));
    }
}

impl Shared {
    fn write_for_ever(&self, target: &mut dyn Write) {
        let mut lines = Vec::new();
        loop {
            let mut queue = self.lock();
            queue.writer = Writer::Waits;
            if queue.lines.is_empty() {
                self.emptied.notify_all();
            }
            queue = self.wait(queue, None, |queue| queue.lines.is_empty());
            queue.writer = Writer::Writes;
            std::mem::swap(&mut queue.lines, &mut lines);
            drop(queue);
            // If it fails, there is nobody left to tell.
            let _ = target.write_all(&lines);
            lines.clear();
            let mut queue = self.lock();
            queue.writer = Writer::Gathers;
            drop(self.wait(queue, Some(GATHER), |queue| !queue.hurry && queue.lines.len() < CAPACITY / 2));
        }
    }

    fn wait<'a>(
        &self,
        queue: MutexGuard<'a, Queue>,
        limit: Option<Duration>,
        waiting: impl FnMut(&mut Queue) -> bool,
    ) -> MutexGuard<'a, Queue> {
        match limit {
            None => self.filled.wait_while(queue, waiting).unwrap_or_else(PoisonError::into_inner),
            Some(limit) => {
                self.filled.wait_timeout_while(queue, limit, waiting).unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }

    /// A panic elsewhere does not end the log.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
