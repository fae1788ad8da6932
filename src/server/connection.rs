//! One connection from its first request to its last: HTTP/1.1, deadlines, and a good end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, copy, sink};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::pace::{Deadlines, Paced, Phase};

/// How long, and how many bytes of it, a body is read on after it was refused: a peer that is still sending would
/// otherwise find its connection reset before it has read why.
const LINGER: (Duration, u64) = (Duration::from_secs(2), 64 << 20);

/// How long a peer that has just connected may take to ask something, once the server goes away: it is about to.
pub(super) const LAST_CHANCE: Duration = Duration::from_secs(1);
/// The most that is read ahead of a request, in bytes, and so the longest head.
const READ_AHEAD: usize = 64 << 10;

/// How near the end of the server is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Going {
    /// Far away.
    #[default]
    Not,
    /// Every answer asks the peer to use another connection from now on, and everything else is as ever.
    Soon,
    /// No connections are accepted, and those without a request are closed.
    Now,
}

/// Only ever comes nearer.
pub(super) type Drain = watch::Receiver<Going>;

/// Returns when the end has come.
pub(super) async fn end(drain: &mut Drain) {
    // A server that is gone is as good.
    let _ = drain.wait_for(|going| *going == Going::Now).await;
}

/// Serves requests until the peer closes, a deadline passes, or the end has come and the last request is answered.
pub(super) async fn serve<S, H, F, B>(stream: S, phase: &Phase, deadlines: Deadlines, mut drain: Drain, handler: H)
where
    S: AsyncRead + AsyncWrite + Unpin,
    H: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<B>>,
    B: Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let ends = Ends { drain: drain.clone(), refused: AtomicBool::new(false) };
    let service = service_fn(|request| {
        phase.busy();
        let response = handler(request);
        async {
            let response = ends.mark(response.await);
            phase.idle();
            Ok::<_, Infallible>(response)
        }
    });
    let stream = TokioIo::new(Paced::new(stream, phase, deadlines));
    let mut connection = Box::pin(http1::Builder::new().max_buf_size(READ_AHEAD).serve_connection(stream, service));

    let mut ended = tokio::select! {
        biased;
        ended = connection.as_mut() => Some(ended),
        () = end(&mut drain) => None,
    };
    if ended.is_none() {
        let mut last_chance = pin!(sleep(LAST_CHANCE));
        let finished = poll_fn(|cx| {
            // A request whose head is on its way is still answered, and one that is about to come.
            let awaited = phase.is_fresh() && last_chance.as_mut().poll(cx).is_pending();
            if !phase.is_head() && !awaited {
                connection.as_mut().graceful_shutdown();
            }
            connection.as_mut().poll(cx)
        });
        ended = Some(finished.await);
    }
    match ended {
        Some(Err(error)) => tracing::debug!(%error, "connection broken"),
        _ if ends.refused.load(Ordering::Relaxed) => linger(Pin::into_inner(connection).into_parts().io).await,
        _ => {}
    }
}

/// How the connection is going to end.
struct Ends {
    /// Whether the answer to come is the last one.
    drain: Drain,
    /// The last request was refused, perhaps before all of it was read.
    refused: AtomicBool,
}

impl Ends {
    fn mark<B>(&self, mut response: Response<B>) -> Response<B> {
        self.refused.store(!response.status().is_success(), Ordering::Relaxed);
        if *self.drain.borrow() != Going::Not {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// Our side is closed; the peer may not have noticed.
async fn linger<S: AsyncRead + Unpin>(stream: TokioIo<S>) {
    let (time, bytes) = LINGER;
    // Whatever comes of it, the connection is over.
    let _ = timeout(time, copy(&mut stream.into_inner().take(bytes), &mut sink())).await;
}
