//! Fields of a pod that not everybody reads: who only mends it looks at a few of them.
//!
//! Such a field asks its reader for a newtype struct of a name. A reader that knows the name may pass over the value, and
//! then it is the type's default, as where it is `null`; any other reader reads it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::text::null_as_default;

/// The name of what no rule with a safe fix looks at.
pub(crate) const UNLESS_MENDING: &str = "unless mending";

/// The name of what rules with a safe fix look at in `daprd` alone.
pub(crate) const OF_SIDECAR: &str = "of the sidecar";

/// Reads what is called [`UNLESS_MENDING`].
///
/// # Errors
/// What `T` itself refuses.
pub(super) fn unless_mending<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_newtype_struct(UNLESS_MENDING, MaybeVisitor(PhantomData))
}

/// Reads what is called [`OF_SIDECAR`].
///
/// # Errors
/// What `T` itself refuses.
pub(super) fn of_sidecar<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_newtype_struct(OF_SIDECAR, MaybeVisitor(PhantomData))
}

struct MaybeVisitor<T>(PhantomData<T>);

impl<'de, T: Default + Deserialize<'de>> Visitor<'de> for MaybeVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        null_as_default(deserializer)
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Ok(T::default())
    }
}
