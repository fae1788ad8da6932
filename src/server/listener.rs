//! Accepts connections, one task each, and knows when the last of them is over.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::connection::{Drain, end};
use super::crowd::{Crowd, Place};

/// How long nothing is accepted after the system has refused, mostly for want of file descriptors.
const RESPITE: Duration = Duration::from_millis(100);

/// Accepts until the end has come; returns when the last connection is over. Dropped, it cuts them all.
pub(super) async fn accept<F>(
    listener: TcpListener,
    crowd: Arc<Crowd>,
    mut drain: Drain,
    connection: impl Fn(TcpStream, Arc<Place>) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    let attend = |stream| {
        let seat = crowd.enter();
        let served = connection(stream, Arc::clone(&seat.place));
        async move {
            tokio::select! {
                biased;
                () = served => {}
                () = seat.place.is_wanted() => {}
            }
        }
    };
    loop {
        tokio::select! {
            stream = next(&listener) => {
                while crowd.is_full() {
                    crowd.make_way();
                    connections.join_next().await;
                }
                connections.spawn(attend(stream));
            }
            // Finished tasks are let go of at once, not at the end.
            Some(_) = connections.join_next() => {}
            () = end(&mut drain) => break,
        }
    }
    for stream in waiting(listener) {
        connections.spawn(attend(stream));
    }
    while connections.join_next().await.is_some() {}
}

/// Who has connected and was not accepted yet: closed with the listener, these would be reset.
fn waiting(listener: TcpListener) -> Vec<TcpStream> {
    let Ok(listener) = listener.into_std() else { return Vec::new() };
    let mut streams = Vec::new();
    while let Ok((stream, _)) = listener.accept() {
        let _ = stream.set_nodelay(true);
        if stream.set_nonblocking(true).is_ok() {
            streams.extend(TcpStream::from_std(stream));
        }
    }
    streams
}

/// The next connection, however long the system has none to give.
async fn next(listener: &TcpListener) -> TcpStream {
    loop {
        let accepted = listener.accept().await.and_then(|(stream, _)| {
            // An answer is one small write: it must not wait for the peer's acknowledgement.
            stream.set_nodelay(true)?;
            Ok(stream)
        });
        match accepted {
            Ok(stream) => return stream,
            Err(error) if is_the_peers(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                sleep(RESPITE).await;
            }
        }
    }
}

/// Gone before it was accepted.
fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, InvalidInput};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | InvalidInput)
}

/// Binds, and says which address it has become.
pub(super) async fn bind(flag: &'static str, address: SocketAddr) -> Result<(TcpListener, SocketAddr), BindError> {
    let failed = |source| BindError { flag, address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// An address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("choose another address for {flag}; cannot listen on {address}")]
pub struct BindError {
    flag: &'static str,
    address: SocketAddr,
    source: io::Error,
}
