//! Durations as Go's `time.ParseDuration` reads them (`time/format.go`): daprd's flags do.

use thiserror::Error;

/// Go's largest absolute value, in nanoseconds; only a negative duration reaches it.
const LIMIT: u64 = 1 << 63;

/// A text that Go does not read as a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a duration: give numbers with units (h, m, s, ms, us, ns), such as 30s or 1m30s")]
pub struct DurationError;

/// The value in nanoseconds.
///
/// # Errors
/// Where Go returns one: no unit (except for a plain `0`), an unknown unit (`1d`), blanks, or too large a value.
pub fn parse(text: &str) -> Result<i64, DurationError> {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(DurationError);
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let (value, after) = term(rest).ok_or(DurationError)?;
        // Two terms of 2^63 sum to zero, as in Go.
        total = total.wrapping_add(value);
        if total > LIMIT {
            return Err(DurationError);
        }
        rest = after;
    }
    if text.starts_with('-') {
        return Ok(total.wrapping_neg().cast_signed());
    }
    i64::try_from(total).map_err(|_| DurationError)
}

/// One number with its unit in nanoseconds, and what follows.
fn term(text: &str) -> Option<(u64, &str)> {
    let (whole, rest) = split_digits(text);
    let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), split_digits);
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let unit = unit(name)?;

    let value = whole.bytes().try_fold(0_u64, |value, digit| {
        value.checked_mul(10)?.checked_add(u64::from(digit - b'0')).filter(|value| *value <= LIMIT)
    })?;
    let value = value.checked_mul(unit)?.checked_add(part_of(fraction, unit))?;
    (value <= LIMIT).then_some((value, rest))
}

/// The nanoseconds of a decimal fraction of a unit: in floating point, as in Go, so that the last digits agree.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as in Go")]
fn part_of(fraction: &str, unit: u64) -> u64 {
    let (mut digits, mut scale) = (0_u64, 1_f64);
    for digit in fraction.bytes() {
        if digits > (LIMIT - 1) / 10 {
            break;
        }
        let longer = digits * 10 + u64::from(digit - b'0');
        if longer > LIMIT {
            break;
        }
        digits = longer;
        scale *= 10.0;
    }
    (digits as f64 * (unit as f64 / scale)) as u64
}

fn unit(name: &str) -> Option<u64> {
    Some(match name {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, nanoseconds) in [
            ("0", 0),
            ("-0", 0),
            ("30s", 30_000_000_000),
            ("1m30s", 90_000_000_000),
            ("-5s", -5_000_000_000),
            ("1.5h", 5_400_000_000_000),
            ("1µs", 1_000),
            ("1μs", 1_000),
            (".5s", 500_000_000),
            ("5.s", 5_000_000_000),
            ("9223372036854775807ns", i64::MAX),
            ("-9223372036854775808ns", i64::MIN),
        ] {
            assert_eq!(parse(text), Ok(nanoseconds), "{text:?}");
        }
    }

    #[test]
    fn what_go_refuses_is_no_duration() {
        for text in ["", "-", "30", "1d", "1 s", " 1s", "1s ", "--5s", ".s", "9223372036854775808ns", "3000000h", "1é"]
        {
            assert_eq!(parse(text), Err(DurationError), "{text:?}");
        }
    }
}
