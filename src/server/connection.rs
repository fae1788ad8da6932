//! One connection from its first request to its last: HTTP/1.1, deadlines, and a good end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
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
use tokio::time::timeout;

use super::pace::{Deadlines, Paced, Phase};

/// How long, and how many bytes of it, a body is read on after it was refused: a peer that is still sending would
/// otherwise find its connection reset before it has read why.
const LINGER: (Duration, u64) = (Duration::from_secs(2), 64 << 20);

/// Turns true once, when the server goes away.
pub(super) type Drain = watch::Receiver<bool>;

/// Serves requests until the peer closes, a deadline passes, or `drain` begins and the last request is answered.
pub(super) async fn serve<S, H, F, B>(stream: S, deadlines: Deadlines, mut drain: Drain, handler: H)
where
    S: AsyncRead + AsyncWrite + Unpin,
    H: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<B>>,
    B: Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let phase = Phase::new();
    let ends = Ends::default();
    let service = service_fn(|request| {
        phase.busy();
        let response = handler(request);
        async {
            let response = ends.mark(response.await);
            phase.idle();
            Ok::<_, Infallible>(response)
        }
    });
    let stream = TokioIo::new(Paced::new(stream, &phase, deadlines));
    let mut connection = Box::pin(http1::Builder::new().serve_connection(stream, service));

    let mut ended = tokio::select! {
        biased;
        ended = connection.as_mut() => Some(ended),
        _ = drain.wait_for(|begun| *begun) => None,
    };
    if ended.is_none() {
        ends.last.store(true, Ordering::Relaxed);
        let finished = poll_fn(|cx| {
            // A request whose head is on its way is still answered.
            if !phase.is_head() {
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
#[derive(Default)]
struct Ends {
    /// The answer to come is the last one.
    last: AtomicBool,
    /// The last request was refused, perhaps before all of it was read.
    refused: AtomicBool,
}

impl Ends {
    fn mark<B>(&self, mut response: Response<B>) -> Response<B> {
        self.refused.store(!response.status().is_success(), Ordering::Relaxed);
        if self.last.load(Ordering::Relaxed) {
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
