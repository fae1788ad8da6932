//! Whole numbers as arguments, refused in words that say what is accepted.

use std::num::IntErrorKind;
use std::str::FromStr;

/// A number of at least 1.
///
/// # Errors
/// What is accepted.
pub(super) fn at_least_one(text: &str) -> Result<u32, String> {
    from_one(text, u32::MAX)
}

/// The same, of what there are few of.
///
/// # Errors
/// What is accepted.
pub(super) fn at_least_one_of_few(text: &str) -> Result<u8, String> {
    from_one(text, u8::MAX)
}

fn from_one<T>(text: &str, most: T) -> Result<T, String>
where
    T: FromStr<Err = std::num::ParseIntError> + Default + PartialEq + std::fmt::Display,
{
    match text.parse::<T>() {
        Ok(number) if number == T::default() => Err("it must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Err(format!("it must be at most {most}")),
        Err(_) => Err("it must be a whole number of at least 1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_out_of_range_is_told_the_end_of_the_range_that_it_is_beyond() {
        assert_eq!(at_least_one("1"), Ok(1));
        assert_eq!(at_least_one("4294967295"), Ok(u32::MAX));
        for (text, said) in [
            ("0", "it must be at least 1"),
            ("4294967296", "it must be at most 4294967295"),
            ("99999999999999999999999", "it must be at most 4294967295"),
            ("-1", "it must be a whole number of at least 1"),
            ("ten", "it must be a whole number of at least 1"),
            ("", "it must be a whole number of at least 1"),
        ] {
            assert_eq!(at_least_one(text), Err(said.to_owned()), "{text}");
        }
        assert_eq!(at_least_one_of_few("256"), Err("it must be at most 255".to_owned()));
    }
}
