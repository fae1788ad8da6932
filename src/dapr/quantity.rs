//! Kubernetes quantities (`300m`, `256Mi`), read exactly as Go's `resource.ParseQuantity` reads them
//! (`k8s.io/apimachinery/pkg/api/resource/quantity.go`), without floating point.
//!
//! Values only: how a quantity was written is not kept, so `0.1` and `100m` are equal.

use std::cmp::Ordering;

use thiserror::Error;

use super::integer;

/// The smallest unit of a quantity: a thousand-millionth of a core or a byte. Go rounds up to it.
const NANOS: i128 = 1_000_000_000;

/// Go caps what is written with a binary suffix at this many units, and nothing else.
const BINARY_CAP: i128 = i64::MAX as i128 * NANOS;

/// An amount of CPU (unit: core) or memory (unit: byte). Beyond 1.7e29 units, where Go goes on exactly, it saturates.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    nanos: i128,
    /// What Go's `AsInt64` says, which depends on how the value was written.
    int64: Option<i64>,
}

/// Why Kubernetes does not read a text as a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum QuantityError {
    /// It is empty, or something follows the number that is neither suffix nor exponent.
    #[error("not a quantity: give a number and a suffix without blanks, such as 300m or 256Mi")]
    Format,
    /// The number is followed by an unknown suffix.
    #[error("unknown suffix: use m, k, M, G, T, P, E or Ki, Mi, Gi, Ti, Pi, Ei")]
    Suffix,
}

/// A quantity taken apart.
struct Parts<'a> {
    negative: bool,
    /// Not even a zero was written.
    no_digit: bool,
    /// The digits before the point, without leading zeros.
    whole: &'a [u8],
    /// The digits after the point.
    fraction: &'a [u8],
    suffix: &'a str,
}

/// What a suffix multiplies by.
enum Scale {
    /// A power of ten.
    Ten(i32),
    /// A power of two.
    Two(u32),
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self { nanos: 0, int64: Some(0) };

    /// Reads a quantity as Kubernetes does.
    ///
    /// # Errors
    /// Where Go's `ParseQuantity` returns one.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let parts = take_apart(text)?;
        let quantity = match scale_of(parts.suffix).ok_or(QuantityError::Suffix)? {
            Scale::Ten(exponent) => decimal(&parts, exponent)?,
            Scale::Two(exponent) => binary(&parts, exponent)?,
        };
        Ok(if parts.negative { quantity.negated() } else { quantity })
    }

    /// The value in thousand-millionths of a core or a byte.
    #[must_use]
    pub fn nanos(self) -> i128 {
        self.nanos
    }

    /// Whether it is below zero: the API server refuses such resources.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.nanos < 0
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// Whole bytes, rounded down; 0 for a negative quantity, `u64::MAX` for what is more.
    #[must_use]
    pub fn bytes_floor(self) -> u64 {
        u64::try_from((self.nanos / NANOS).max(0)).unwrap_or(u64::MAX)
    }

    /// Whether it is a whole number of bytes (`128m` of memory is not: Kubernetes only warns).
    #[must_use]
    pub fn is_whole_bytes(self) -> bool {
        self.nanos % NANOS == 0
    }

    /// Thousandths of a core, rounded up as Kubernetes does; 0 for a negative quantity, `u64::MAX` for what is more.
    #[must_use]
    pub fn millicores(self) -> u64 {
        const MILLI: i128 = NANOS / 1000;
        let millis = self.nanos / MILLI + i128::from(self.nanos % MILLI > 0);
        u64::try_from(millis.max(0)).unwrap_or(u64::MAX)
    }

    /// What Go's `Quantity.AsInt64` returns. It refuses many whole numbers: whatever was written with a fraction that its
    /// suffix does not shift away (`1.0`, `1000m`), any fraction before a binary suffix (`4.5Mi`), and very long numbers.
    #[must_use]
    pub fn as_int64(self) -> Option<i64> {
        self.int64
    }

    fn negated(self) -> Self {
        Self { nanos: -self.nanos, int64: self.int64.map(|value| -value) }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

/// Go's `parseQuantityString`. It asks for no digit at all: `m` and `.` are zero, but Go's slow path then refuses `Ei`.
fn take_apart(text: &str) -> Result<Parts<'_>, QuantityError> {
    if text.is_empty() {
        return Err(QuantityError::Format);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let significant = unsigned.trim_start_matches('0');
    let (whole, rest) = digits(significant);
    let (fraction, suffix) = rest.strip_prefix('.').map_or((&[] as &[u8], rest), digits);

    let after_letters = suffix.trim_start_matches(|letter| "eEinumkKMGTP".contains(letter));
    let (_, left) = digits(after_letters.strip_prefix(['-', '+']).unwrap_or(after_letters));
    if !left.is_empty() {
        return Err(QuantityError::Format);
    }
    let no_digit = significant.len() == unsigned.len() && whole.is_empty() && fraction.is_empty();
    Ok(Parts { negative: text.starts_with('-'), no_digit, whole, fraction, suffix })
}

/// The leading digits, and the rest.
fn digits(text: &str) -> (&[u8], &str) {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (&text.as_bytes()[..text.len() - rest.len()], rest)
}

/// Go's `quantitySuffixer` (`k8s.io/apimachinery/pkg/api/resource/suffix.go`).
fn scale_of(suffix: &str) -> Option<Scale> {
    Some(match suffix {
        "n" => Scale::Ten(-9),
        "u" => Scale::Ten(-6),
        "m" => Scale::Ten(-3),
        "" => Scale::Ten(0),
        "k" => Scale::Ten(3),
        "M" => Scale::Ten(6),
        "G" => Scale::Ten(9),
        "T" => Scale::Ten(12),
        "P" => Scale::Ten(15),
        "E" => Scale::Ten(18),
        "Ki" => Scale::Two(10),
        "Mi" => Scale::Two(20),
        "Gi" => Scale::Two(30),
        "Ti" => Scale::Two(40),
        "Pi" => Scale::Two(50),
        "Ei" => Scale::Two(60),
        _ => Scale::Ten(integer::wrapped(integer::parse(suffix.strip_prefix(['e', 'E'])?)?)),
    })
}

/// The absolute value of a number with a decimal suffix or an exponent.
fn decimal(parts: &Parts<'_>, exponent: i32) -> Result<Quantity, QuantityError> {
    let all = || parts.whole.iter().chain(parts.fraction);
    let length = parts.whole.len() + parts.fraction.len();
    let behind = i64::try_from(parts.fraction.len()).unwrap_or(i64::MAX);
    // Go's 32 bits overflow here, and a tiny number becomes a huge one.
    #[expect(clippy::cast_possible_truncation, reason = "as in Go")]
    let scale = exponent.wrapping_sub(behind as i32);
    if length.max(parts.fraction.len() + 1) <= 18 && scale >= -9 {
        let value = all().fold(0_i64, |value, digit| value * 10 + i64::from(digit - b'0'));
        let nanos = times_ten(i128::from(value), i64::from(scale) + 9);
        return Ok(Quantity { nanos, int64: times_ten_int64(value, scale) });
    }
    if parts.no_digit {
        return Err(QuantityError::Format);
    }

    let shift = i64::from(exponent).saturating_sub(behind).saturating_add(9);
    let dropped = usize::try_from(-shift).unwrap_or(0).min(length);
    let kept = all().take(length - dropped).fold(0_i128, add_digit);
    let rounded_up = all().skip(length - dropped).any(|digit| *digit != b'0');
    let nanos = times_ten(kept, shift).saturating_add(i128::from(rounded_up));
    Ok(Quantity { nanos, int64: None })
}

/// The absolute value of a number with a binary suffix.
fn binary(parts: &Parts<'_>, exponent: u32) -> Result<Quantity, QuantityError> {
    let whole = parts.whole.iter().fold(0_i128, add_digit);
    // Go takes its fast path, and only then knows the value as an int64, while `digits <= 14 - exponent * 3 / 10`.
    let room = 14_usize.saturating_sub(exponent as usize * 3 / 10);
    let in_int64 = parts.fraction.is_empty() && parts.whole.len().max(1) <= room;
    if parts.no_digit && !in_int64 {
        return Err(QuantityError::Format);
    }
    let int64 = i64::try_from(whole.saturating_mul(1 << exponent)).ok().filter(|_| in_int64);

    let unit = NANOS << exponent;
    // From the last digit to the first; a remainder at any place makes the whole inexact.
    let (fraction, rounded_up) = parts.fraction.iter().rev().fold((0, false), |(sum, inexact), digit| {
        let sum = sum + i128::from(digit - b'0') * unit;
        (sum / 10, inexact || sum % 10 != 0)
    });
    let nanos = whole.saturating_mul(unit).saturating_add(fraction + i128::from(rounded_up));
    Ok(Quantity { nanos: nanos.min(BINARY_CAP), int64 })
}

fn add_digit(value: i128, digit: &u8) -> i128 {
    value.saturating_mul(10).saturating_add(i128::from(digit - b'0'))
}

/// `value * 10^power`, saturating; a negative power leaves the value alone.
fn times_ten(value: i128, power: i64) -> i128 {
    match u32::try_from(power.max(0)).ok().and_then(|power| 10_i128.checked_pow(power)) {
        Some(factor) => value.saturating_mul(factor),
        None if value == 0 => 0,
        None => i128::MAX,
    }
}

/// Go's `int64Amount.AsInt64`.
fn times_ten_int64(value: i64, power: i32) -> Option<i64> {
    let power = u32::try_from(power).ok()?;
    if value == 0 {
        return Some(0);
    }
    10_i64.checked_pow(power)?.checked_mul(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nanos(text: &str) -> Option<i128> {
        Quantity::parse(text).ok().map(|quantity| quantity.nanos)
    }

    #[test]
    fn equal_amounts_are_equal_however_they_are_written() {
        for (left, right) in [
            ("100m", "0.1"),
            ("1e3", "1k"),
            ("1E3", "1000"),
            ("0.5Gi", "512Mi"),
            ("1E", "1000P"),
            (".5", "500m"),
            ("5.", "5"),
            ("+1", "1"),
            ("-0", "0"),
            ("99999999999Ei", "9223372036854775807"),
            ("0.1n", "1n"),
            ("-0.1n", "-1n"),
        ] {
            assert_eq!(Quantity::parse(left).unwrap(), Quantity::parse(right).unwrap(), "{left} {right}");
        }
        for (more, less) in [("1Gi", "1G"), ("12345678901234567890", "99999999999Ei"), ("0", "-1n"), ("1", "999m")] {
            assert!(Quantity::parse(more).unwrap() > Quantity::parse(less).unwrap(), "{more} {less}");
        }
    }

    #[test]
    fn what_kubernetes_does_not_read_is_an_error() {
        for text in
            ["1K", "1ki", "1mi", "1e", "1ee3", "1Ki5", "1+5", "1_0", "0x1", "abc", "--1", "1e99999999999999999999"]
        {
            assert!(Quantity::parse(text).is_err(), "{text:?}");
        }
        for text in ["", "Ei", "e-12", " 1", "1 ", "1 Mi", "1.2.3", "1Mi ", "１", "NaN"] {
            assert_eq!(Quantity::parse(text), Err(QuantityError::Format), "{text:?}");
        }
    }

    #[test]
    fn no_digit_at_all_is_zero() {
        for text in [".", "+", "-", "m", "Ki", "E", "000", "-.", "0.000Ki", "0Ei"] {
            assert_eq!(nanos(text), Some(0), "{text:?}");
        }
    }

    #[test]
    fn units_are_rounded_as_their_readers_need_them() {
        let read = |text| Quantity::parse(text).unwrap();
        assert_eq!(read("1.9").bytes_floor(), 1);
        assert_eq!(read("128m").bytes_floor(), 0);
        assert_eq!(read("-5").bytes_floor(), 0);
        assert_eq!(read("1e25").bytes_floor(), u64::MAX);
        assert!(!read("128m").is_whole_bytes() && read("128Mi").is_whole_bytes());
        assert_eq!(read("0.3").millicores(), 300);
        assert_eq!(read("1n").millicores(), 1);
        assert_eq!(read("-1").millicores(), 0);
    }

    #[test]
    fn what_is_too_large_saturates() {
        assert_eq!(nanos("1e100"), Some(i128::MAX));
        assert_eq!(nanos(&"9".repeat(100)), Some(i128::MAX));
        assert_eq!(nanos("-1e2000000000"), Some(-i128::MAX));
        assert_eq!(nanos("1e-2000000000"), Some(1));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = Quantity::parse(&text);
        }

        #[test]
        fn text_like_a_quantity_is_read_or_refused(text in "[+-]?[0-9]{0,40}[.]?[0-9]{0,40}[eEinumkKMGTP]{0,2}[+-]?[0-9]{0,11}") {
            let _ = Quantity::parse(&text);
        }

        #[test]
        fn more_units_are_more(left in 0_u32.., right in 0_u32.., suffix in "|m|k|Mi|e3") {
            let read = |number: u32| Quantity::parse(&format!("{number}{suffix}")).unwrap();
            prop_assert_eq!(read(left).cmp(&read(right)), left.cmp(&right));
        }

        #[test]
        fn a_point_can_be_moved_into_the_suffix(number in 0_u32.., places in 0_usize..9) {
            let digits = format!("{number:010}");
            let (whole, fraction) = digits.split_at(digits.len() - places);
            let pointed = format!("{whole}.{fraction}");
            let exponent = format!("{number}e-{places}");
            prop_assert_eq!(nanos(&pointed), nanos(&exponent));
        }
    }
}
