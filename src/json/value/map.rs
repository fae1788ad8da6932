//! Entries of a map, sorted by key as `serde_json` has them.

use smol_str::SmolStr;

use super::Value;

/// A map from strings to values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(Box<[(SmolStr, Value)]>);

/// Among so few keys, to compare one after the other is faster than to search.
const FEW: usize = 16;

impl Map {
    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.position(key).map(|at| &self.0[at].1)
    }

    /// The value of a key, to change it.
    #[must_use]
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.position(key).map(|at| &mut self.0[at].1)
    }

    fn position(&self, key: &str) -> Option<usize> {
        match self.0.len() <= FEW {
            true => self.0.iter().position(|(name, _)| name == key),
            false => self.0.binary_search_by(|(name, _)| name.as_str().cmp(key)).ok(),
        }
    }

    /// Whether there is such a key.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.position(key).is_some()
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys and values, sorted by key.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Value)> + ExactSizeIterator {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The keys, sorted.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    /// The values, sorted by key.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.0.iter().map(|(_, value)| value)
    }

    /// The values, to change them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// Keeps the entries that `wanted` names.
    pub fn retain(&mut self, mut wanted: impl FnMut(&str, &Value) -> bool) {
        let mut entries = std::mem::take(&mut self.0).into_vec();
        entries.retain(|(key, value)| wanted(key, value));
        self.0 = entries.into_boxed_slice();
    }
}

impl FromIterator<(SmolStr, Value)> for Map {
    /// Of entries with the same key the last one counts.
    fn from_iter<T: IntoIterator<Item = (SmolStr, Value)>>(entries: T) -> Self {
        let mut entries: Vec<_> = entries.into_iter().collect();
        if !entries.is_sorted_by(|(a, _), (b, _)| a < b) {
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            entries.dedup_by(|later, kept| {
                let same = later.0 == kept.0;
                if same {
                    std::mem::swap(later, kept);
                }
                same
            });
        }
        Self(entries.into_boxed_slice())
    }
}

impl<'m> IntoIterator for &'m Map {
    type Item = (&'m str, &'m Value);
    type IntoIter = std::iter::Map<std::slice::Iter<'m, (SmolStr, Value)>, fn(&(SmolStr, Value)) -> (&str, &Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }
}
