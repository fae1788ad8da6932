//! What goes wrong is counted each time, and said once until it goes well again.

use std::collections::HashMap;

use super::gauges::{CertificateGauges, What};
use super::store::StoreError;

/// What was being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Deed {
    Read,
    Written,
    Used,
}

impl Deed {
    fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Written => "written",
            Self::Used => "used",
        }
    }
}

/// What was last said.
#[derive(Debug, Default)]
pub(super) struct Troubles(HashMap<(What, Deed), String>);

impl Troubles {
    /// Takes an outcome apart.
    pub fn note<T>(
        &mut self,
        gauges: &CertificateGauges,
        (what, deed): (What, Deed),
        outcome: Result<T, StoreError>,
    ) -> Option<T> {
        match outcome {
            Ok(value) => {
                if self.0.remove(&(what, deed)).is_some() {
                    tracing::info!("{}: {} again", what.noun(), deed.as_str());
                }
                Some(value)
            }
            Err(error) => {
                gauges.errors[what as usize].inc();
                let advice = if error.is_forbidden() { what.advice() } else { "it is tried again" };
                if self.is_new((what, deed), &error.to_string()) {
                    let (noun, deed) = (what.noun(), deed.as_str());
                    tracing::warn!(%error, "{noun} cannot be {deed}; the certificate that is served stays; {advice}");
                }
                None
            }
        }
    }

    /// What is wrong with the Secret, if anything is.
    pub fn unusable(&mut self, gauges: &CertificateGauges, problems: &[String]) {
        let place = (What::Secret, Deed::Used);
        if problems.is_empty() {
            self.0.remove(&place);
            return;
        }
        let error = problems.join("; ");
        if self.is_new(place, &error) {
            gauges.errors[What::Secret as usize].inc();
            tracing::error!(error, "the Secret cannot be used as it is; the certificate that is served stays");
        }
    }

    fn is_new(&mut self, place: (What, Deed), said: &str) -> bool {
        self.0.insert(place, said.to_owned()).as_deref() != Some(said)
    }
}
