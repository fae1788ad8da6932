//! Reads a request's body: all of it, not too much of it, and not for ever.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body;

use super::status::Failure;

/// What a body may cost.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// The longest body that is read, in bytes.
    pub bytes: usize,
    /// How long a body may take to arrive, counted from the end of its head.
    pub time: Duration,
}

/// The whole body. One that came in a single piece, as nearly all do, is not copied.
pub(super) async fn read<B>(body: B, limits: BodyLimits) -> Result<Bytes, Failure>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > limits.bytes as u64 {
        return Err(Failure::TooLarge);
    }
    // The timer is only set when the first poll finds that the body is not all here.
    tokio::time::timeout(limits.time, collect(body, limits.bytes)).await.unwrap_or(Err(Failure::Timeout))
}

async fn collect<B>(mut body: B, limit: usize) -> Result<Bytes, Failure>
where
    B: Body<Data = Bytes> + Unpin,
{
    let first = next(&mut body).await?.unwrap_or_default();
    if first.len() > limit {
        return Err(Failure::TooLarge);
    }
    if body.is_end_stream() {
        return Ok(first);
    }
    // What the peer says it will send is believed only as far as it has sent it.
    let mut whole = BytesMut::from(first);
    while let Some(piece) = next(&mut body).await? {
        if whole.len() + piece.len() > limit {
            return Err(Failure::TooLarge);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

/// The next piece of data, trailers left out.
async fn next<B>(body: &mut B) -> Result<Option<Bytes>, Failure>
where
    B: Body<Data = Bytes> + Unpin,
{
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| Failure::BadRequest)?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}
