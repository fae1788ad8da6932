//! A stream that does not wait for ever: for the next request, for the rest of a request's head, or for a peer that
//! does not read its answer.
//!
//! hyper's own header deadline also runs while a kept connection is idle, so that either idle connections are cut
//! after seconds, or slow heads are waited for as long as idle connections are kept. The API server keeps its
//! connections idle for 90 seconds; ours must outlive that.

use std::io;
use std::pin::Pin;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// How long a peer is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// Between two requests. Longer than the API server's 90 seconds.
    pub idle: Duration,
    /// From the first byte of a request to the end of its head.
    pub head: Duration,
    /// From the moment that the peer takes no more of an answer until it has taken all of it.
    pub answer: Duration,
}

/// Where a connection stands, and since when. The stream sees a request begin; the service says when its head is complete and
/// when the answer is ready.
#[derive(Debug)]
pub(super) struct Phase {
    now: AtomicU8,
    /// When the connection was made, or the last answer was ready: nanoseconds after [`BEGINNING`].
    since: AtomicU64,
}

/// Connected, and nothing came.
const SILENT: u8 = 0;
/// TLS is being established.
const SHAKING: u8 = 1;
/// Nothing was asked yet.
const FRESH: u8 = 2;
const IDLE: u8 = 3;
const HEAD: u8 = 4;
const BUSY: u8 = 5;

static BEGINNING: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);

fn now() -> u64 {
    u64::try_from(BEGINNING.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

impl Phase {
    /// Just connected.
    pub(super) fn new() -> Self {
        Self { now: AtomicU8::new(SILENT), since: AtomicU64::new(now()) }
    }

    /// The first bytes came.
    pub(super) fn shaking(&self) {
        self.set(SHAKING);
    }

    /// From now on requests are served.
    pub(super) fn fresh(&self) {
        self.set(FRESH);
    }

    /// The head is complete: the service sees to the rest of the request.
    pub(super) fn busy(&self) {
        self.set(BUSY);
    }

    /// The answer is ready: what is read from now on is another request.
    pub(super) fn idle(&self) {
        self.since.store(now(), Ordering::Relaxed);
        self.set(IDLE);
    }

    /// A request has begun and the service does not know of it yet.
    pub(super) fn is_head(&self) -> bool {
        self.get() == HEAD
    }

    /// Nothing was ever asked here.
    pub(super) fn is_fresh(&self) -> bool {
        self.get() == FRESH
    }

    /// The lower, the less is lost with the connection.
    pub(super) fn rank(&self) -> (u8, u64) {
        // Slow in the head or in the body is the same.
        (self.get().min(HEAD), self.since.load(Ordering::Relaxed))
    }

    // One task writes this; others only look.
    fn set(&self, phase: u8) {
        self.now.store(phase, Ordering::Relaxed);
    }

    fn get(&self) -> u8 {
        self.now.load(Ordering::Relaxed)
    }
}

/// The stream with its deadlines.
#[derive(Debug)]
pub(super) struct Paced<'a, S> {
    stream: S,
    phase: &'a Phase,
    deadlines: Deadlines,
    /// The phase that is being timed, and since when.
    timed: (u8, Instant),
    /// Since when the peer has not taken what we write.
    stalled: Option<Instant>,
    /// Wakes the task at the nearest deadline or before it: a deadline that moves away leaves it alone, so a
    /// connection that is used costs no timer operation per request.
    alarm: Pin<Box<Sleep>>,
}

impl<'a, S> Paced<'a, S> {
    /// Starts timing now.
    pub(super) fn new(stream: S, phase: &'a Phase, deadlines: Deadlines) -> Self {
        let alarm = Box::pin(sleep(deadlines.idle));
        phase.fresh();
        Self { stream, phase, deadlines, timed: (FRESH, Instant::now()), stalled: None, alarm }
    }

    /// Resolves when `deadline` has passed; until then, the task is woken for it.
    fn poll_passed(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        if deadline < self.alarm.deadline() {
            self.alarm.as_mut().reset(deadline);
        }
        loop {
            ready!(self.alarm.as_mut().poll(cx));
            if deadline <= Instant::now() {
                return Poll::Ready(());
            }
            self.alarm.as_mut().reset(deadline);
        }
    }

    /// Nothing to read: how long already?
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let phase = self.phase.get();
        if self.timed.0 != phase {
            self.timed = (phase, Instant::now());
        }
        let limit = match phase {
            FRESH | IDLE => self.deadlines.idle,
            HEAD => self.deadlines.head,
            _ => return Poll::Pending,
        };
        ready!(self.poll_passed(cx, self.timed.1 + limit));
        match phase {
            // As if the peer had closed: the connection ends in good order.
            FRESH | IDLE => Poll::Ready(Ok(())),
            _ => Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the head of a request came too slowly"))),
        }
    }

    /// The peer takes nothing: how long already?
    fn poll_stalled<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let since = *self.stalled.get_or_insert_with(Instant::now);
        ready!(self.poll_passed(cx, since + self.deadlines.answer));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer does not read its answer")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<'_, S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let Poll::Ready(result) = Pin::new(&mut self.stream).poll_read(cx, buffer) else {
            return self.poll_silence(cx);
        };
        if self.phase.get() <= IDLE && buffer.filled().len() > before {
            self.phase.set(HEAD);
            self.timed = (HEAD, Instant::now());
        }
        Poll::Ready(result)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<'_, S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, bytes) {
            Poll::Pending => self.poll_stalled(cx),
            done => done,
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write_vectored(cx, slices) {
            Poll::Pending => self.poll_stalled(cx),
            done => done,
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_flush(cx) {
            Poll::Pending => self.poll_stalled(cx),
            done => {
                self.stalled = None;
                done
            }
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_shutdown(cx) {
            Poll::Pending => self.poll_stalled(cx),
            done => done,
        }
    }
}

#[cfg(test)]
mod tests;
