//! Values written as YAML in many layouts: flow and block style, indentation, quotes, comments, line ends.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A value with the styles it is written in.
#[derive(Clone, Debug)]
pub enum Shape {
    /// One of [`LEAVES`].
    Leaf(usize),
    /// In block style, in literal text where it is last.
    Map(Vec<Shape>, bool),
    List(Vec<Shape>, bool),
}

/// How a text is laid out.
#[derive(Clone, Debug)]
pub struct Layout {
    pub step: usize,
    pub list: usize,
    pub crlf: bool,
    pub bom: bool,
    pub marker: bool,
    pub last_line_end: bool,
    /// Which lines get comments, over and over.
    pub comments: Vec<u8>,
}

/// Scalars as written, and what kubectl makes of them.
pub fn leaves() -> Vec<(&'static str, Value)> {
    vec![
        ("a", json!("a")),
        ("\"b c\"", json!("b c")),
        ("'it''s'", json!("it's")),
        ("8080", json!(8080)),
        ("true", json!(true)),
        ("'true'", json!("true")),
        ("yes", json!(true)),
        ("0x10", json!(16)),
        ("010", json!(8)),
        ("1.5", json!(1.5)),
        ("A=1,B=2", json!("A=1,B=2")),
        ("\"A=1, \"", json!("A=1, ")),
        ("~", json!(null)),
        ("{}", json!({})),
        ("[]", json!([])),
        ("http://x:1/y", json!("http://x:1/y")),
        ("\"ä\\n\\u00e4\"", json!("ä\nä")),
        ("", json!(null)),
        ("|", json!("x: 1\n # y\n")),
        ("|-", json!("x: 1\n # y")),
        (">-", json!("x: 1 y")),
    ]
}

const KEYS: [(&str, &str); 8] = [
    ("a", "a"),
    ("\"b\"", "b"),
    ("'c d'", "c d"),
    ("dapr.io/e", "dapr.io/e"),
    ("f-g", "f-g"),
    ("yes", "true"),
    ("1", "1"),
    ("metadata", "metadata"),
];

pub fn shapes() -> impl Strategy<Value = Shape> {
    let leaf = (0..leaves().len()).prop_map(Shape::Leaf);
    let inner = leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 1..5), prop::bool::weighted(0.2))
                .prop_map(|(of, flow)| Shape::Map(of, flow)),
            (prop::collection::vec(inner, 1..4), prop::bool::weighted(0.2))
                .prop_map(|(of, flow)| Shape::List(of, flow)),
        ]
    });
    (prop::collection::vec(inner, 1..6), prop::bool::weighted(0.1)).prop_map(|(of, flow)| Shape::Map(of, flow))
}

pub fn layouts() -> impl Strategy<Value = Layout> {
    let step = prop_oneof![Just(2_usize), Just(4)];
    (step, any::<(bool, bool, bool, bool)>(), prop::bool::weighted(0.8), prop::collection::vec(0_u8..8, 1..9)).prop_map(
        |(step, (indented, crlf, bom, marker), last_line_end, comments)| Layout {
            step,
            list: if indented { step } else { 0 },
            crlf,
            bom,
            marker,
            last_line_end,
            comments,
        },
    )
}

/// A text, its value, and where its scalars are written: pointer, text of the scalar, text of its key.
pub struct Written {
    pub text: String,
    pub value: Value,
    pub scalars: Vec<(String, String, Option<String>)>,
    /// Pointers of maps and lists.
    pub maps: Vec<String>,
    pub lists: Vec<String>,
}

struct Writer<'l> {
    layout: &'l Layout,
    lines: usize,
    written: Written,
}

/// Writes a shape in a layout.
pub fn write(shape: &Shape, layout: &Layout) -> Written {
    let written =
        Written { text: String::new(), value: Value::Null, scalars: Vec::new(), maps: Vec::new(), lists: Vec::new() };
    let mut writer = Writer { layout, lines: 0, written };
    let value = match shape {
        Shape::Map(of, false) => writer.block_map(of, 0, "", true),
        shape => {
            let value = writer.flow(shape, "");
            writer.end_line();
            value
        }
    };
    let mut written = writer.written;
    written.value = value;
    let mut text = written.text;
    if !layout.last_line_end {
        text.truncate(text.trim_end_matches('\n').len());
    }
    if layout.marker {
        text = format!("---\n{text}");
    }
    if layout.bom {
        text = format!("\u{feff}{text}");
    }
    written.text = if layout.crlf { text.replace('\n', "\r\n") } else { text };
    if layout.crlf {
        for (_, scalar, _) in &mut written.scalars {
            *scalar = scalar.replace('\n', "\r\n");
        }
    }
    written
}

impl Writer<'_> {
    fn put(&mut self, text: &str) {
        self.written.text.push_str(text);
    }

    fn comment(&mut self) -> u8 {
        self.lines += 1;
        self.layout.comments[self.lines % self.layout.comments.len()]
    }

    fn end_line(&mut self) {
        match self.comment() {
            0 => self.put(" # c: d\n"),
            1 => self.put("\n\n"),
            2 => self.put("\n    # e, {f}\n"),
            _ => self.put("\n"),
        }
    }

    /// Entries in a column; the first where the text is now, if `here`.
    fn block_map(&mut self, of: &[Shape], column: usize, at: &str, here: bool) -> Value {
        self.written.maps.push(at.to_owned());
        let mut map = Map::new();
        for (index, (shape, (written, key))) in of.iter().zip(KEYS).enumerate() {
            if index > 0 || !here {
                self.put(&" ".repeat(column));
            }
            self.put(written);
            self.put(":");
            let at = format!("{at}/{}", key.replace('/', "~1"));
            let value = self.below(shape, column, &at, Some(written));
            map.insert(key.to_owned(), value);
        }
        Value::Object(map)
    }

    /// What stands behind a key in that column, or behind a dash (then without a key).
    fn below(&mut self, shape: &Shape, column: usize, at: &str, key: Option<&str>) -> Value {
        let step = self.layout.step;
        match shape {
            Shape::Map(of, false) if key.is_some() => {
                self.end_line();
                self.block_map(of, column + step, at, false)
            }
            Shape::Map(of, false) => {
                self.put(" ");
                self.block_map(of, column + 2, at, true)
            }
            Shape::List(of, false) => {
                self.written.lists.push(at.to_owned());
                let inner = if key.is_some() { column + self.layout.list } else { column + 2 };
                if key.is_some() {
                    self.end_line();
                } else {
                    self.put(" ");
                }
                let mut list = Vec::new();
                for (index, shape) in of.iter().enumerate() {
                    if index > 0 || key.is_some() {
                        self.put(&" ".repeat(inner));
                    }
                    self.put("-");
                    list.push(self.below(shape, inner, &format!("{at}/{index}"), None));
                }
                Value::Array(list)
            }
            Shape::Leaf(leaf) => self.leaf(*leaf, column, at, key),
            flow => {
                self.put(" ");
                let value = self.flow(flow, at);
                self.end_line();
                value
            }
        }
    }

    fn leaf(&mut self, leaf: usize, column: usize, at: &str, key: Option<&str>) -> Value {
        let (written, value) = leaves()[leaf].clone();
        let key = key.map(str::to_owned);
        if written.starts_with(['|', '>']) {
            let indent = " ".repeat(column + self.layout.step.max(3));
            let last = if written == ">-" { "y" } else { " # y" };
            let text = format!("{written}\n{indent}x: 1\n{indent}{last}");
            self.put(&format!(" {text}\n"));
            self.written.scalars.push((at.to_owned(), text, key));
            return value;
        }
        if !written.is_empty() {
            self.put(" ");
        }
        self.put(written);
        self.end_line();
        self.record(at, written, &value, key);
        value
    }

    fn record(&mut self, at: &str, written: &str, value: &Value, key: Option<String>) {
        match value {
            Value::Object(_) => self.written.maps.push(at.to_owned()),
            Value::Array(_) => self.written.lists.push(at.to_owned()),
            _ => self.written.scalars.push((at.to_owned(), written.to_owned(), key)),
        }
    }

    fn flow(&mut self, shape: &Shape, at: &str) -> Value {
        match shape {
            Shape::Map(of, _) => {
                self.written.maps.push(at.to_owned());
                self.put("{");
                let mut map = Map::new();
                for (index, (shape, (written, key))) in of.iter().zip(KEYS).enumerate() {
                    self.put(if index > 0 { ", " } else { "" });
                    self.put(&format!("{written}: "));
                    let value = self.flow_value(shape, &format!("{at}/{}", key.replace('/', "~1")), Some(written));
                    map.insert(key.to_owned(), value);
                }
                self.put("}");
                Value::Object(map)
            }
            Shape::List(of, _) => {
                self.written.lists.push(at.to_owned());
                self.put("[");
                let mut list = Vec::new();
                for (index, shape) in of.iter().enumerate() {
                    self.put(if index > 0 { ", " } else { "" });
                    list.push(self.flow_value(shape, &format!("{at}/{index}"), None));
                }
                self.put("]");
                Value::Array(list)
            }
            Shape::Leaf(_) => self.flow_value(shape, at, None),
        }
    }

    fn flow_value(&mut self, shape: &Shape, at: &str, key: Option<&str>) -> Value {
        let Shape::Leaf(leaf) = shape else {
            return self.flow(shape, at);
        };
        // What cannot stand in flow style.
        let (written, value) = match leaves()[*leaf].clone() {
            (written, _) if written.is_empty() || written.starts_with(['|', '>']) || written.contains("A=1,B") => {
                ("a", json!("a"))
            }
            leaf => leaf,
        };
        self.put(written);
        self.record(at, written, &value, key.map(str::to_owned));
        value
    }
}
