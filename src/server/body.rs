//! Reads a request's body: all of it, not too much of it, not for ever, and no more than there is room for.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body;

use super::room::{FREE, Held, NoRoom, Room};
use super::status::Failure;

/// What a body may cost.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// The longest body that is read, in bytes.
    pub bytes: usize,
    /// How long a body may take to arrive, counted from the end of its head.
    pub time: Duration,
}

/// A body that is all here.
#[derive(Debug)]
pub(super) struct Whole {
    pub bytes: Bytes,
    /// The room that a long one takes, until it is dropped; `None` for nearly all.
    pub room: Option<Held>,
}

/// The whole body. One that came in a single piece, as nearly all do, is not copied.
pub(super) async fn read<B>(body: B, limits: BodyLimits, room: &Room) -> Result<Whole, Failure>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > limits.bytes as u64 {
        return Err(Failure::TooLarge);
    }
    // The timer is only set when the first poll finds that the body is not all here.
    tokio::time::timeout(limits.time, collect(body, limits, room)).await.unwrap_or(Err(Failure::Timeout))
}

async fn collect<B>(mut body: B, limits: BodyLimits, room: &Room) -> Result<Whole, Failure>
where
    B: Body<Data = Bytes> + Unpin,
{
    let first = next(&mut body).await?.unwrap_or_default();
    if first.len() > limits.bytes {
        return Err(Failure::TooLarge);
    }
    let mut taken = None;
    if body.is_end_stream() {
        if first.len() > FREE {
            taken = Some(take(room, first.len(), limits.time).await?);
        }
        return Ok(Whole { bytes: first, room: taken });
    }
    // What the peer says it will send is believed only as far as it has sent it; room is taken for all of it, since two that
    // have half of theirs would wait for each other.
    let mut whole = BytesMut::from(first);
    while let Some(piece) = next(&mut body).await? {
        let length = whole.len() + piece.len();
        if length > limits.bytes {
            return Err(Failure::TooLarge);
        }
        if length > FREE && taken.is_none() {
            let rest = body.size_hint().exact().and_then(|rest| usize::try_from(rest).ok());
            let all = rest.map_or(limits.bytes, |rest| length.saturating_add(rest));
            taken = Some(take(room, all, limits.time).await?);
            // Grown by doubling, it would be twice as large, and three times as large at moments.
            whole.reserve(all.saturating_sub(whole.len()));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(Whole { bytes: whole.freeze(), room: taken })
}

/// Room for so many bytes. A body that is not read meanwhile is still on its way: the time runs for both.
async fn take(room: &Room, bytes: usize, at_most: Duration) -> Result<Held, Failure> {
    room.reserve(bytes, at_most).await.map_err(|none| match none {
        NoRoom::Shed => Failure::Overloaded,
        NoRoom::Late => Failure::Timeout,
    })
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
