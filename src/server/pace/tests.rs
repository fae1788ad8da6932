//! Deadlines by a clock that stands still until somebody waits for it.

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{advance, timeout};

use super::*;

const DEADLINES: Deadlines =
    Deadlines { idle: Duration::from_secs(120), head: Duration::from_secs(5), answer: Duration::from_secs(30) };

#[tokio::test(start_paused = true)]
async fn an_idle_connection_ends_in_good_order_after_120_seconds() {
    let phase = Phase::new();
    let (mut paced, _peer) = pair(&phase);
    let begun = Instant::now();
    assert_eq!(paced.read(&mut [0]).await.unwrap(), 0);
    assert!(after(begun, 120), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn every_request_starts_the_idle_time_anew() {
    let phase = Phase::new();
    let (mut paced, mut peer) = pair(&phase);
    for _ in 0..5 {
        advance(Duration::from_secs(100)).await;
        peer.write_all(b"request").await.unwrap();
        paced.read_exact(&mut [0; 7]).await.unwrap();
        phase.busy();
        phase.idle();
        // As hyper does: it looks for the next request at once.
        assert!(timeout(Duration::ZERO, paced.read(&mut [0])).await.is_err());
    }
    let begun = Instant::now();
    assert_eq!(paced.read(&mut [0]).await.unwrap(), 0);
    assert!(after(begun, 120), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_head_is_waited_for_five_seconds_from_its_first_byte_however_many_follow() {
    let phase = Phase::new();
    let (mut paced, mut peer) = pair(&phase);
    assert!(timeout(Duration::from_secs(60), paced.read(&mut [0])).await.is_err());
    let begun = Instant::now();
    let trickle = async {
        loop {
            peer.write_all(b"P").await.unwrap();
            tokio::time::sleep(Duration::from_millis(900)).await;
        }
    };
    let read = async {
        loop {
            if let Err(error) = paced.read_u8().await {
                return error;
            }
        }
    };
    let error = tokio::select! { error = read => error, () = trickle => unreachable!() };
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(after(begun, 5), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_body_is_the_services_business() {
    let phase = Phase::new();
    let (mut paced, mut peer) = pair(&phase);
    peer.write_all(b"h").await.unwrap();
    paced.read_u8().await.unwrap();
    phase.busy();
    assert!(timeout(Duration::from_secs(600), paced.read(&mut [0])).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_its_answer_is_cut_after_30_seconds() {
    let phase = Phase::new();
    let (mut paced, _peer) = pair(&phase);
    let begun = Instant::now();
    let error = paced.write_all(&[0; 100]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(after(begun, 30), "{:?}", begun.elapsed());
}

/// A stream with room for 64 bytes, and its other end.
fn pair(phase: &Phase) -> (Paced<'_, DuplexStream>, DuplexStream) {
    let (ours, theirs) = duplex(64);
    (Paced::new(ours, phase, DEADLINES), theirs)
}

fn after(begun: Instant, seconds: u64) -> bool {
    // The timer's own grain is a millisecond.
    begun.elapsed().abs_diff(Duration::from_secs(seconds)) <= Duration::from_millis(2)
}
