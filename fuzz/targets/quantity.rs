//! Quantities, durations, numbers and limits: read or refused, and in agreement with themselves.

use dapr_preflight::dapr::{Quantity, duration, gomemlimit, integer};

pub fn quantity(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = (duration::parse(text), integer::parse(text).map(integer::wrapped));
    let Ok(quantity) = Quantity::parse(text) else { return };
    assert_eq!(Quantity::parse(text), Ok(quantity));
    assert_eq!(quantity.is_negative(), quantity < Quantity::ZERO);
    assert_eq!(quantity.is_zero(), quantity == Quantity::ZERO);
    let bytes = quantity.bytes_floor();
    if let Some(limit) = gomemlimit::for_limit(bytes, 90) {
        let Ok(gomemlimit::Limit::Bytes(limit)) = gomemlimit::parse(&limit) else {
            // More than Go can count, of more than there is.
            assert!(bytes > 1 << 60, "{text}: {limit} is not read back");
            return;
        };
        assert!(limit < bytes && bytes / 10 * 9 <= limit.saturating_add(1 << 20), "{text}: {limit} of {bytes}");
    }
}
