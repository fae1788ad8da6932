//! A version of Dapr: what an annotation means depends on it.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A released version of Dapr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// 1, so far.
    pub major: u16,
    /// A new one appears every three months or so.
    pub minor: u16,
    /// [`Version::NEWEST_PATCH`] stands for whatever patch is the newest of its minor version.
    pub patch: u16,
}

/// A text that is no version of Dapr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a Dapr version: give two or three numbers, such as 1.18 (its newest patch) or 1.18.2")]
pub struct VersionError;

impl Version {
    /// The patch of a version written without one: later than every released patch.
    pub const NEWEST_PATCH: u16 = u16::MAX;

    /// The newest version whose source this crate was checked against.
    pub const NEWEST: Self = Self::new(1, 18, 3);

    /// The oldest version whose injector this crate was checked against. An empty annotation counts as given since then
    /// (`pkg/injector/patcher/sidecar.go`).
    pub const OLDEST: Self = Self::new(1, 15, 0);

    /// A version by its three numbers.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// The newest patch of a minor version.
    #[must_use]
    pub const fn newest_of(major: u16, minor: u16) -> Self {
        Self::new(major, minor, Self::NEWEST_PATCH)
    }

    /// Whether both are patches of the same minor version.
    #[must_use]
    pub fn same_minor(self, other: Self) -> bool {
        (self.major, self.minor) == (other.major, other.minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch == Self::NEWEST_PATCH {
            return Ok(());
        }
        write!(f, ".{}", self.patch)
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let mut numbers = text.strip_prefix('v').unwrap_or(text).split('.');
        let major = number(numbers.next())?;
        let minor = number(numbers.next())?;
        let patch = match numbers.next() {
            None => Self::NEWEST_PATCH,
            patch => number(patch).ok().filter(|patch| *patch != Self::NEWEST_PATCH).ok_or(VersionError)?,
        };
        match numbers.next() {
            None => Ok(Self { major, minor, patch }),
            Some(_) => Err(VersionError),
        }
    }
}

/// Digits only: Rust's own parser would take a plus sign.
fn number(text: Option<&str>) -> Result<u16, VersionError> {
    text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .ok_or(VersionError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_with_and_without_patch_and_v() {
        assert_eq!("1.18.2".parse(), Ok(Version::new(1, 18, 2)));
        assert_eq!("v1.18.2".parse(), Ok(Version::new(1, 18, 2)));
        assert_eq!("1.18".parse(), Ok(Version::newest_of(1, 18)));
    }

    #[test]
    fn a_version_without_patch_is_later_than_every_patch_and_earlier_than_the_next_minor() {
        let newest: Version = "1.17".parse().unwrap();
        assert!(newest > Version::new(1, 17, 12));
        assert!(newest < Version::new(1, 18, 0));
    }

    #[test]
    fn a_version_is_shown_as_it_was_written() {
        for text in ["1.18", "1.18.2", "1.15.0"] {
            assert_eq!(text.parse::<Version>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_release_is_refused() {
        for text in
            ["", "1", "1.", "1.18.", "1.18.x", "1.18.2.1", "1.18.2-rc.1", "+1.18", "latest", "vv1.18", "1.18.65535"]
        {
            assert_eq!(text.parse::<Version>(), Err(VersionError), "{text:?}");
        }
    }
}
