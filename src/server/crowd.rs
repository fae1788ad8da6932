//! Who is connected, and who gives way when there is no place left.
//!
//! A newcomer is never refused: it may be the API server. Who has sent nothing at all gives way first, then who is
//! still shaking hands, then who has never asked anything, then who is idle, and at last whose request is on its way; among
//! equals, who has been so for longest. An API server that asks now and then keeps its connection, one that is about to ask
//! gets its turn however many others only connect, and one that loses its connection opens another.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus::{IntCounter, IntGauge};
use tokio::sync::Notify;

use super::pace::Phase;

/// Everybody on one listener.
#[derive(Debug)]
pub(super) struct Crowd {
    most: usize,
    places: Mutex<Places>,
    open: IntGauge,
    evicted: IntCounter,
}

#[derive(Debug, Default)]
struct Places {
    next: u64,
    taken: BTreeMap<u64, Arc<Place>>,
}

/// One connection's.
#[derive(Debug)]
pub(super) struct Place {
    /// Where it stands.
    pub phase: Phase,
    going: AtomicBool,
    go: Notify,
}

/// A place that is taken, until this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    crowd: Arc<Crowd>,
    number: u64,
    pub place: Arc<Place>,
}

impl Crowd {
    /// At most so many; counted here.
    pub(super) fn new(most: usize, open: IntGauge, evicted: IntCounter) -> Arc<Self> {
        Arc::new(Self { most, places: Mutex::default(), open, evicted })
    }

    /// Whether one more would be too many.
    pub(super) fn is_full(&self) -> bool {
        self.lock().taken.len() >= self.most
    }

    /// Takes a place, also where there is none.
    pub(super) fn enter(self: &Arc<Self>) -> Seat {
        let place = Arc::new(Place { phase: Phase::new(), going: AtomicBool::new(false), go: Notify::new() });
        let mut places = self.lock();
        let number = places.next;
        places.next += 1;
        places.taken.insert(number, Arc::clone(&place));
        self.open.inc();
        Seat { crowd: Arc::clone(self), number, place }
    }

    /// Asks one to go.
    pub(super) fn make_way(&self) {
        let places = self.lock();
        let staying = places.taken.values().filter(|place| !place.going.load(Ordering::Relaxed));
        if let Some(place) = staying.min_by_key(|place| place.phase.rank()) {
            place.going.store(true, Ordering::Relaxed);
            place.go.notify_one();
            self.evicted.inc();
        }
    }

    /// A panic elsewhere leaves the list whole.
    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Returns when this one is to go.
    pub(super) async fn is_wanted(&self) {
        self.go.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.crowd.lock().taken.remove(&self.number);
        self.crowd.open.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_silent_goes_first_and_who_asks_goes_last_each_the_oldest_first() {
        let count = IntCounter::new("evicted", "evicted").unwrap();
        let crowd = Crowd::new(7, IntGauge::new("open", "open").unwrap(), count);
        let seats: Vec<_> = (0..7).map(|_| crowd.enter()).collect();
        let phase = |nth: usize| &seats[nth].place.phase;
        for nth in [0, 1] {
            phase(nth).busy();
        }
        for nth in [3, 2] {
            phase(nth).idle();
        }
        phase(4).fresh();
        phase(5).shaking();
        let went = || -> Vec<usize> { (0..7).filter(|&nth| seats[nth].place.going.load(Ordering::Relaxed)).collect() };
        for gone in [vec![6], vec![5, 6], vec![4, 5, 6], vec![3, 4, 5, 6], vec![2, 3, 4, 5, 6], vec![0, 2, 3, 4, 5, 6]]
        {
            assert!(crowd.is_full());
            crowd.make_way();
            assert_eq!(went(), gone);
        }
        drop(seats);
        assert!(!crowd.is_full());
        assert_eq!((crowd.open.get(), crowd.evicted.get()), (0, 6));
    }
}
