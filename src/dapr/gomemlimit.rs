//! `GOMEMLIMIT`: Go's soft memory limit, which daprd needs below its container's limit.

use thiserror::Error;

/// The variable's name.
pub const GOMEMLIMIT: &str = "GOMEMLIMIT";

const MIB: u128 = 1 << 20;

/// A limit that Go accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// This many bytes; 0 is accepted, and makes the collector run without pause.
    Bytes(u64),
    /// `off` or empty: no limit.
    Off,
}

/// A text with which every Go program, daprd too, aborts at start: "malformed GOMEMLIMIT".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("malformed GOMEMLIMIT: give a whole number of bytes, or of B, KiB, MiB, GiB or TiB, such as 230MiB, or off")]
pub struct Malformed;

/// Reads a limit as Go does (`runtime/mgcpacer.go: readGOMEMLIMIT`, `runtime/string.go: parseByteCount`): no blanks, no
/// fraction, no `Mi`, `M` or `MB`, at most 2^63-1 bytes. A plus sign is accepted since Go 1.26, with which Dapr 1.18 is
/// built; older versions abort.
///
/// # Errors
/// When Go aborts.
pub fn parse(text: &str) -> Result<Limit, Malformed> {
    if text.is_empty() || text == "off" {
        return Ok(Limit::Off);
    }
    let (number, shift) = match text.strip_suffix('B') {
        None => (text, 0),
        Some(rest) => match rest.strip_suffix('i') {
            None => (rest, 0),
            Some(rest) => unit(rest)?,
        },
    };
    let count = number.parse::<i64>().ok().and_then(|count| u64::try_from(count).ok()).ok_or(Malformed)?;
    match count.checked_mul(1 << shift).filter(|bytes| i64::try_from(*bytes).is_ok()) {
        Some(bytes) => Ok(Limit::Bytes(bytes)),
        None => Err(Malformed),
    }
}

/// The number before `KiB` and its like, and the power of two.
fn unit(text: &str) -> Result<(&str, u32), Malformed> {
    [("K", 10), ("M", 20), ("G", 30), ("T", 40)]
        .into_iter()
        .find_map(|(letter, shift)| Some((text.strip_suffix(letter)?, shift)))
        .ok_or(Malformed)
}

/// `percent` of a memory limit in bytes, rounded down to whole MiB and written for Go: `230MiB`. `None` below 1 MiB.
#[must_use]
pub fn for_limit(limit_bytes: u64, percent: u8) -> Option<String> {
    let mebibytes = u128::from(limit_bytes) * u128::from(percent) / 100 / MIB;
    (mebibytes > 0).then(|| format!("{mebibytes}MiB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_go_reads_them() {
        for (text, bytes) in [
            ("0", 0),
            ("1", 1),
            ("007", 7),
            ("-0", 0),
            ("+5", 5),
            ("12B", 12),
            ("1KiB", 1 << 10),
            ("230MiB", 230 << 20),
            ("2GiB", 2 << 30),
            ("1TiB", 1 << 40),
            ("9223372036854775807", i64::MAX as u64),
            ("8388607TiB", 8_388_607 << 40),
        ] {
            assert_eq!(parse(text), Ok(Limit::Bytes(bytes)), "{text:?}");
        }
        assert_eq!(parse(""), Ok(Limit::Off));
        assert_eq!(parse("off"), Ok(Limit::Off));
    }

    #[test]
    fn what_go_aborts_on_is_malformed() {
        for text in [
            "230Mi",
            "230M",
            "230MB",
            "1.5GiB",
            " 230MiB",
            "230MiB ",
            "900MiB,",
            "-1",
            "-1MiB",
            "OFF",
            "Off",
            "B",
            "iB",
            "MiB",
            "1iB",
            "1PiB",
            "1EiB",
            "1mib",
            "1Mib",
            "1 MiB",
            "1_0",
            "0x10",
            "9223372036854775808",
            "8388608TiB",
            "18446744073709551616",
            "99999999TiB",
            "abc",
            "é",
            "1éB",
            "1éiB",
        ] {
            assert_eq!(parse(text), Err(Malformed), "{text:?}");
        }
    }

    #[test]
    fn ninety_percent_is_rounded_down_to_whole_mebibytes() {
        for (limit, text) in [
            (256 << 20, "230MiB"),
            (512 << 20, "460MiB"),
            (1 << 30, "921MiB"),
            (1000 << 20, "900MiB"),
            (1_000_000_000, "858MiB"),
            (1_165_085, "1MiB"),
        ] {
            assert_eq!(for_limit(limit, 90).as_deref(), Some(text));
        }
        assert!(for_limit(u64::MAX, 100).is_some());
    }

    #[test]
    fn less_than_a_mebibyte_is_no_limit() {
        assert_eq!(for_limit(1_165_084, 90), None);
        assert_eq!(for_limit(0, 90), None);
        assert_eq!(for_limit(1 << 40, 0), None);
    }
}
