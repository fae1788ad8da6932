//! One document of a text.

use super::scalar;
use super::tree::{Kind, Tree};
use super::value::{self, Scalars};
use crate::json::Value;

/// One YAML or JSON document, with the place of every value.
#[derive(Debug)]
pub struct Document<'t> {
    pub(super) tree: Tree<'t>,
    /// Where it begins in the text.
    pub(super) offset: usize,
}

impl<'t> Document<'t> {
    pub(super) fn new(tree: Tree<'t>, offset: usize) -> Self {
        Self { tree, offset }
    }

    /// The text of this document alone, with its `---` line if it has one.
    #[must_use]
    pub fn source(&self) -> &'t str {
        self.tree.source
    }

    /// Where it begins in the text, in bytes.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Whether there is nothing but comments, or `null`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tree.is_empty()
            || matches!(self.tree.kind(0), Kind::Scalar(style)
                if scalar::resolve(self.tree.text(0), style, self.tree.tag_of(0)).is_ok_and(|value| value.is_null()))
    }

    /// The value, typed as kubectl types it.
    #[must_use]
    pub fn value(&self) -> Value {
        self.build(Scalars::Typed)
    }

    /// The value with scalars as their source text where Kubernetes wants strings and the author wrote something else:
    /// in annotations, labels and the values of environment variables. The API server refuses such an object; this is to
    /// see what else is wrong with it.
    #[must_use]
    pub fn value_as_written(&self) -> Value {
        self.build(Scalars::AsWritten)
    }

    fn build(&self, scalars: Scalars) -> Value {
        if self.tree.is_empty() { Value::Null } else { value::build(&self.tree, 0, scalars) }
    }
}
