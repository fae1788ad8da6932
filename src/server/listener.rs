//! Accepts connections, one task each, and knows when the last of them is over.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::connection::Drain;

/// How long nothing is accepted after the system has refused, mostly for want of file descriptors.
const RESPITE: Duration = Duration::from_millis(100);

/// Accepts until `drain` begins; returns when the last connection is over. Dropped, it cuts them all.
pub(super) async fn accept<F>(listener: TcpListener, mut drain: Drain, connection: impl Fn(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            stream = next(&listener) => drop(connections.spawn(connection(stream))),
            // Finished tasks are let go of at once, not at the end.
            Some(_) = connections.join_next() => {}
            _ = drain.wait_for(|begun| *begun) => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
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
