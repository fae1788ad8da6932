//! The text of a file: its documents with the place of every value, and edits that touch nothing else.
//!
//! Pure: text in, documents or edited text out. What the values mean is none of its business, nor where the text comes
//! from. Reading order: [`documents()`], [`Document`], [`Place`]; then [`text_edits`] and [`apply`].
//!
//! YAML is read as kubectl reads it (see `scalar.rs`), JSON as the YAML that it is.

mod document;
mod documents;
mod edit;
mod events;
mod lines;
mod locate;
mod objects;
mod quick;
mod scalar;
mod sound;
mod tree;
mod unreadable;
mod value;

pub use document::Document;
pub use documents::{Cut, Cuts, Documents, cuts, documents};
pub use edit::{CannotEdit, TextEdit, apply, text_edits};
pub use lines::Lines;
pub use locate::Place;
pub use unreadable::{Unreadable, text};
