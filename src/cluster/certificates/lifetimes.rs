//! How long certificates last, when they are renewed, and which clocks are trusted how far.

use std::time::Duration;

use crate::cluster::x509::{self, Validity};

/// How long anything here lasts at most: what it ends with must fit into a certificate.
const LONGEST: Duration = Duration::from_secs(10 * 366 * 24 * 3600);
/// Renewals are spread over this share of the time that they could wait.
const SPREAD: f64 = 0.1;

/// How long a kind of certificate lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// From when it is made to its end.
    pub validity: Duration,
    /// How long before its end it is renewed; a little earlier, by chance.
    pub renew_before: Duration,
}

/// Every duration of managed certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Of the serving certificate.
    pub serving: Lifetime,
    /// Of the authority that signs it.
    pub authority: Lifetime,
    /// How long a new authority must have been in every webhook configuration before anything that it signed is served:
    /// the time that the slowest API server takes to notice.
    pub settle: Duration,
    /// How far clocks may be apart.
    pub skew: Duration,
    /// How long the Lease is held without a sign of life.
    pub lease: Duration,
}

/// Durations that do not go together.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{flag} is {}, and must be {rule}", shown(*value))]
pub struct LifetimesError {
    flag: &'static str,
    value: Duration,
    rule: String,
}

impl Lifetimes {
    /// Whether they go together.
    ///
    /// # Errors
    /// Names the flag, its value and what it must be.
    pub fn check(&self) -> Result<(), LifetimesError> {
        let second = Duration::from_secs(1);
        let twice = self.skew * 2;
        let rules = [
            ("--tls-ca-validity", self.authority.validity, second, LONGEST, ""),
            (
                "--tls-ca-renew-before",
                self.authority.renew_before,
                self.serving.validity,
                self.authority.validity.saturating_sub(second),
                ": from --tls-validity, so that no certificate outlives who signed it, to below --tls-ca-validity",
            ),
            ("--tls-validity", self.serving.validity, second, LONGEST, ""),
            (
                "--tls-renew-before",
                self.serving.renew_before,
                twice.max(second),
                self.serving.validity.saturating_sub(second),
                ": from twice --tls-clock-skew to below --tls-validity",
            ),
            ("--tls-settle", self.settle, Duration::ZERO, self.serving.renew_before, ": at most --tls-renew-before"),
            ("--tls-lease", self.lease, second, Duration::from_secs(3600), ""),
        ];
        for (flag, value, least, most, why) in rules {
            if value < least || value > most {
                let [least, most] = [least, most].map(shown);
                let rule = format!("between {least} and {most}{why}");
                return Err(LifetimesError { flag, value, rule });
            }
        }
        Ok(())
    }
}

/// As a person writes it: in the largest unit that leaves no rest.
fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(24 * 3600, "d"), (3600, "h"), (60, "m")];
    let unit = units.iter().find(|(size, _)| seconds > 0 && seconds.is_multiple_of(*size));
    unit.map_or_else(|| format!("{seconds}s"), |(size, unit)| format!("{}{unit}", seconds / size))
}

impl Lifetime {
    /// The second from which a certificate is to be renewed. Every replica comes to the same.
    pub(super) fn renewal(&self, certificate: &rustls::pki_types::CertificateDer<'_>, validity: Validity) -> i64 {
        let lasts = Duration::from_secs(u64::try_from(validity.ends - validity.begins).unwrap_or_default());
        let earlier = lasts.saturating_sub(self.renew_before).mul_f64(SPREAD * x509::lot(certificate));
        validity.ends.saturating_sub_unsigned((self.renew_before + earlier).as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn sane() -> Lifetimes {
        Lifetimes {
            serving: Lifetime { validity: DAY * 90, renew_before: DAY * 30 },
            authority: Lifetime { validity: DAY * 365, renew_before: DAY * 120 },
            settle: Duration::from_secs(60),
            skew: Duration::from_secs(600),
            lease: Duration::from_secs(15),
        }
    }

    #[test]
    fn durations_that_do_not_go_together_are_named_with_what_they_must_be() {
        assert_eq!(sane().check(), Ok(()));
        let refused = |change: fn(&mut Lifetimes), says: &str| {
            let mut lifetimes = sane();
            change(&mut lifetimes);
            let said = lifetimes.check().unwrap_err().to_string();
            assert!(said.contains(says), "{said}");
        };
        refused(|l| l.authority.validity = DAY * 4000, "--tls-ca-validity is 4000d");
        refused(|l| l.authority.renew_before = DAY * 365, "--tls-ca-renew-before is 365d");
        refused(|l| l.authority.renew_before = DAY * 89, "so that no certificate outlives who signed it");
        refused(|l| l.serving.validity = DAY * 30, "--tls-renew-before is 30d");
        refused(|l| l.serving.renew_before = Duration::from_secs(1199), "and must be between 20m and 7775999s");
        refused(|l| l.settle = DAY * 31, "--tls-settle is 31d");
        refused(|l| l.lease = Duration::ZERO, "--tls-lease is 0s, and must be between 1s and 1h");
    }
}
