//! How much may be in this process at once: requests, and the bytes of long bodies. Beyond that the answer is an error at
//! once, so that the webhook's failure policy decides; a queue that only grows would decide the same, later.
//!
//! A review that is here takes microseconds. What piles up is what has not arrived yet, and what is long.

use std::sync::Arc;
use std::time::Duration;

use prometheus::IntGauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// As much of a body as any request may hold, in bytes. Nearly all reviews are shorter than this.
pub(super) const FREE: usize = 64 << 10;

/// What long bodies are counted in, in bytes.
const UNIT: usize = 1 << 10;

/// How much may be here at once.
#[derive(Clone, Copy, Debug)]
pub struct RoomLimits {
    /// Requests of which the head has been read and that are not answered.
    pub requests: usize,
    /// Bytes of all bodies of more than 64 KiB together; at least as much as one body may have.
    pub bytes: usize,
    /// Requests with such a body that wait for room; meanwhile nothing of theirs is read.
    pub waiting: usize,
}

/// Why a request was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shed {
    /// Too many requests.
    Requests,
    /// Too many that wait for room.
    Waiting,
}

impl Shed {
    /// Every reason, in order of declaration.
    pub(super) const ALL: [Self; 2] = [Self::Requests, Self::Waiting];

    /// The flag that sets the limit, as in metrics and messages.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "max-requests",
            Self::Waiting => "max-waiting",
        }
    }
}

/// Why there is no room for a long body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoRoom {
    /// Too many wait already.
    Shed,
    /// It did not come in time.
    Late,
}

/// What shows how much room is taken.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    /// Requests that are here.
    pub requests: IntGauge,
    /// Those that wait for room for a long body.
    pub waiting: IntGauge,
    /// Bytes that long bodies may fill.
    pub bytes: IntGauge,
}

/// The room that there is.
#[derive(Debug)]
pub(super) struct Room {
    limits: RoomLimits,
    taken: Taken,
    bytes: Arc<Semaphore>,
    /// Places in the queue.
    queue: Semaphore,
    /// Who may work on a long body now: one after the other, since it may need many times its own size.
    long: Arc<Semaphore>,
}

impl Room {
    /// All of it.
    pub(super) fn new(limits: RoomLimits, taken: Taken) -> Self {
        let bytes = Arc::new(Semaphore::new(limits.bytes.div_ceil(UNIT)));
        let queue = Semaphore::new(limits.waiting);
        Self { limits, taken, bytes, queue, long: Arc::new(Semaphore::new(1)) }
    }

    /// A request comes in, until the guard is dropped.
    pub(super) fn enter(&self) -> Result<Counted, Shed> {
        // Dropped again, it makes room again.
        let inside = Counted::new(&self.taken.requests, 1);
        let full = usize::try_from(self.taken.requests.get()).is_ok_and(|requests| requests > self.limits.requests);
        if full { Err(Shed::Requests) } else { Ok(inside) }
    }

    /// Room for a body of so many bytes, for as long as the permit is held.
    pub(super) async fn reserve(&self, bytes: usize, at_most: Duration) -> Result<Held, NoRoom> {
        // More than there is would never come.
        let bytes = bytes.min(self.limits.bytes);
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        let held = |permit| Held { _counted: Counted::new(&self.taken.bytes, bytes), _permit: permit };
        if let Ok(permit) = Arc::clone(&self.bytes).try_acquire_many_owned(units) {
            return Ok(held(permit));
        }
        let _place = self.queue.try_acquire().map_err(|_| NoRoom::Shed)?;
        let _counted = Counted::new(&self.taken.waiting, 1);
        let permit = timeout(at_most, Arc::clone(&self.bytes).acquire_many_owned(units)).await;
        permit.map_err(|_| NoRoom::Late)?.map_err(|_| NoRoom::Late).map(held)
    }

    /// The turn of a long body to be worked on.
    pub(super) async fn turn(&self, at_most: Duration) -> Result<OwnedSemaphorePermit, NoRoom> {
        let turn = timeout(at_most, Arc::clone(&self.long).acquire_owned()).await;
        turn.map_err(|_| NoRoom::Late)?.map_err(|_| NoRoom::Late)
    }
}

/// Room that a long body has, until this is dropped.
#[derive(Debug)]
pub(super) struct Held {
    // In this order: what is shown is never more than there is.
    _counted: Counted,
    _permit: OwnedSemaphorePermit,
}

/// Shown until this is dropped.
#[derive(Debug)]
pub(super) struct Counted {
    gauge: IntGauge,
    by: i64,
}

impl Counted {
    fn new(gauge: &IntGauge, by: usize) -> Self {
        let by = i64::try_from(by).unwrap_or(i64::MAX);
        gauge.add(by);
        Self { gauge: gauge.clone(), by }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.gauge.sub(self.by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn room() -> Room {
        let limits = RoomLimits { requests: 2, bytes: 100 << 10, waiting: 1 };
        let gauge = || IntGauge::new("taken", "taken").unwrap();
        Room::new(limits, Taken { requests: gauge(), waiting: gauge(), bytes: gauge() })
    }

    #[test]
    fn a_third_request_is_turned_away_until_one_of_two_has_left() {
        let room = room();
        let (_first, second) = (room.enter().unwrap(), room.enter().unwrap());
        assert_eq!(room.enter().unwrap_err(), Shed::Requests);
        assert_eq!(room.taken.requests.get(), 2);
        drop(second);
        assert!(room.enter().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_body_waits_for_room_and_no_more_than_one_does() {
        let room = room();
        let first = room.reserve(60 << 10, SECOND).await.unwrap();
        let (second, third) = tokio::join!(room.reserve(60 << 10, SECOND), room.reserve(60 << 10, SECOND));
        assert_eq!((second.unwrap_err(), third.unwrap_err()), (NoRoom::Late, NoRoom::Shed));
        let (second, ()) = tokio::join!(room.reserve(60 << 10, SECOND), async { drop(first) });
        assert!(second.is_ok());
        assert_eq!((room.taken.bytes.get(), room.taken.waiting.get()), (60 << 10, 0));
        drop(second);
        assert_eq!(room.taken.bytes.get(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_longer_than_all_room_takes_all_of_it() {
        let room = room();
        assert!(room.reserve(usize::MAX, SECOND).await.is_ok());
    }
}
