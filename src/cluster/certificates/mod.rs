//! Managed certificates: an authority and a serving certificate, made by this process, kept in a Secret, renewed before they
//! end, and trusted by the two webhook configurations of this product.
//!
//! Every replica serves what the Secret says. One of them, the holder of a Lease, writes it, and the `caBundle` of the
//! configurations. All that is decided is decided without IO and with time as an argument, by `keeper`.
//!
//! Reading order: this file, `plan` (what is due), `keeper` (one look), `contents` (the Secret), `pair` (making), `lifetimes`;
//! then `run` (the loop), `store` (the API server), `lease` (who may write), `troubles`
//! (saying what goes wrong).

mod contents;
mod gauges;
mod keeper;
mod lease;
mod lifetimes;
mod pair;
mod plan;
mod run;
mod store;
mod troubles;

use super::x509;

pub use gauges::{CertificateGauges, What};
pub use lifetimes::{Lifetime, Lifetimes, LifetimesError};
pub use pair::{MakeError, Pair};
pub use run::{Managed, Managing};
