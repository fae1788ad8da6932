//! Who is connected, and who gives way when there is no place left.
//!
//! A newcomer is never refused: it may be the API server. Who has never asked anything gives way first, the one that came
//! first before the others (idle sockets, handshakes that do not end); then who has been idle for longest; then whose
//! request has been on its way for longest. An API server that asks now and then keeps its connection, and one that loses
//! it opens another.

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
    fn who_never_asked_goes_first_then_who_is_idle_then_who_is_slow_each_the_oldest_first() {
        let count = IntCounter::new("evicted", "evicted").unwrap();
        let crowd = Crowd::new(6, IntGauge::new("open", "open").unwrap(), count);
        let seats: Vec<_> = (0..6).map(|_| crowd.enter()).collect();
        // 0 and 1 are slow, 2 and 3 idle, 4 and 5 have said nothing.
        for seat in &seats[..4] {
            seat.place.phase.busy();
            seat.place.phase.idle();
        }
        for seat in &seats[..2] {
            seat.place.phase.busy();
        }
        let went = || -> Vec<usize> {
            (0..6).filter(|&nth| seats[nth].place.going.load(Ordering::Relaxed)).collect()
        };
        for gone in [vec![4], vec![4, 5], vec![2, 4, 5], vec![2, 3, 4, 5], vec![0, 2, 3, 4, 5]] {
            assert!(crowd.is_full());
            crowd.make_way();
            assert_eq!(went(), gone);
        }
        drop(seats);
        assert!(!crowd.is_full());
        assert_eq!((crowd.open.get(), crowd.evicted.get()), (0, 5));
    }
}
