//! Whole numbers as Go's `strconv.ParseInt(text, 10, 64)` reads them, and what Dapr then does with them.

/// The value, or `None` where Go returns an error: no digit, anything but digits after an optional sign, or more than 64
/// bits. Blanks, `_`, `0x` and a decimal point are errors.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    // Rust's grammar for i64 is the same: one sign, then decimal digits, leading zeros allowed.
    text.parse().ok()
}

/// What is left of a value in a 32-bit field of Dapr's (`pkg/injector/patcher/sidecar.go` sets it by reflection, which
/// drops the upper bits): `4294967297` becomes 1.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "as in Go")]
pub fn wrapped(value: i64) -> i32 {
    value as i32
}

/// Whether daprd refuses to start with this value as an argument. Its option loader doubles the dash of every argument
/// that starts with a single one and is longer than two bytes (`cmd/daprd/options/options.go`), so `-1` survives and
/// `-10` becomes `--10`, which is no number.
#[must_use]
pub fn crashes_daprd(value: i64) -> bool {
    value <= -10
}

/// The same rule for an argument that is not written by Go but passed on as it is.
#[must_use]
pub fn gets_second_dash(argument: &str) -> bool {
    argument.len() > 2 && argument.starts_with('-') && !argument.starts_with("--")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        for (text, value) in [
            ("0", Some(0)),
            ("-1", Some(-1)),
            ("+5", Some(5)),
            ("08", Some(8)),
            ("-0", Some(0)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("", None),
            ("+", None),
            ("-", None),
            ("--1", None),
            (" 8080", None),
            ("8080 ", None),
            ("1_000", None),
            ("0x10", None),
            ("3.0", None),
            ("1e3", None),
            ("٣", None),
        ] {
            assert_eq!(parse(text), value, "{text:?}");
        }
    }

    #[test]
    fn a_32_bit_field_keeps_the_lower_bits() {
        assert_eq!(wrapped(4_294_967_297), 1);
        assert_eq!(wrapped(4_294_967_295), -1);
    }

    #[test]
    fn a_negative_number_of_two_digits_kills_daprd() {
        assert!(!crashes_daprd(-1));
        assert!(!crashes_daprd(-9));
        assert!(crashes_daprd(-10));
        assert!(!gets_second_dash("-1"));
        assert!(gets_second_dash("-5s"));
        assert!(!gets_second_dash("--5s"));
    }
}
