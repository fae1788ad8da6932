//! JSON pointers (RFC 6901).

use std::borrow::Cow;

use super::Value;

impl Value {
    /// What is at a JSON pointer, as `serde_json` has it, which allocates twice for every segment: rules ask often.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        let Some(path) = pointer.strip_prefix('/') else { return pointer.is_empty().then_some(self) };
        path.split('/').try_fold(self, |at, segment| match at {
            Self::Object(map) => map.get(&unescape(segment)),
            Self::Array(list) => list.get(index(segment)?),
            _ => None,
        })
    }

    /// The same, to change it.
    #[must_use]
    pub fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Self> {
        let Some(path) = pointer.strip_prefix('/') else { return pointer.is_empty().then_some(self) };
        path.split('/').try_fold(self, |at, segment| match at {
            Self::Object(map) => map.get_mut(&unescape(segment)),
            Self::Array(list) => list.get_mut(index(segment)?),
            _ => None,
        })
    }
}

/// A number of RFC 6901: neither signed nor with a zero before it.
fn index(segment: &str) -> Option<usize> {
    let plain = !segment.starts_with('+') && (segment.len() == 1 || !segment.starts_with('0'));
    segment.parse().ok().filter(|_| plain)
}

/// What a segment of a JSON pointer says.
#[must_use]
pub fn unescape(segment: &str) -> Cow<'_, str> {
    match segment.contains('~') {
        true => Cow::Owned(segment.replace("~1", "/").replace("~0", "~")),
        false => Cow::Borrowed(segment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_where_serde_json_says() {
        let value = serde_json::json!({ "a/b": { "~": [1, [2, 3]] }, "": 4, "c": "d", "0": 5 });
        let mut ours = Value::from(value.clone());
        for pointer in
            ["", "/", "/a~1b", "/a~1b/~0/1/0", "/a~1b/~0/01", "/a~1b/~0/+1", "/a~1b/~0/-", "/c/0", "/0", "c", "/x"]
        {
            let theirs = value.pointer(pointer).cloned().map(Value::from);
            assert_eq!(ours.pointer_mut(pointer).cloned(), theirs, "{pointer}");
            assert_eq!(ours.pointer(pointer), theirs.as_ref(), "{pointer}");
        }
    }
}
