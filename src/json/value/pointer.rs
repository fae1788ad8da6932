//! JSON pointers (RFC 6901).

use std::borrow::Cow;

use super::Value;

impl Value {
    /// What is at a JSON pointer, as `serde_json` has it, which allocates twice for every segment: rules ask often.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        let Some(path) = pointer.strip_prefix('/') else { return pointer.is_empty().then_some(self) };
        let (mut at, mut rest) = (self, Some(path));
        while let Some(path) = rest {
            let (segment, behind) = first(path);
            rest = behind;
            at = match at {
                Self::Object(map) => map.get(&unescape(segment))?,
                Self::Array(list) => list.get(index(segment)?)?,
                _ => return None,
            };
        }
        Some(at)
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

/// The first segment of a path, and what is behind its slash. Segments are a word long: to prepare a search would take longer
/// than to look at every byte.
fn first(path: &str) -> (&str, Option<&str>) {
    match path.bytes().position(|byte| byte == b'/') {
        Some(end) => (&path[..end], Some(&path[end + 1..])),
        None => (path, None),
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
    match segment.bytes().any(|byte| byte == b'~') {
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
