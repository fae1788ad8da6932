//! What type a scalar has: as `go.yaml.in/yaml/v2`, which `sigs.k8s.io/yaml` and so kubectl uses, resolves it (`resolve.go`).
//!
//! That is YAML 1.1 with exceptions: `yes`, `on` and `y` are true, `010` is eight, `1_000` a thousand; `1:30` is a
//! string, and so is a date. What becomes of a number in JSON is Go's too: `1.0` is written `1`.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Number;

use super::tree::Style;
use crate::json::Value;

/// What a plain scalar is.
#[derive(Debug)]
pub(super) enum Plain {
    /// Nothing.
    Null,
    /// Also `yes` and the like.
    Bool(bool),
    /// Never infinite.
    Number(Number),
    /// Infinite or no number at all, which JSON has not.
    NoJson,
    /// Anything else, and what looks like a date.
    Text,
}

/// What kubectl makes of a scalar, or what it says where it refuses it.
pub(super) fn resolve(text: &str, style: Style, tag: Option<&str>) -> Result<Value, String> {
    match tag {
        None if style == Style::Plain => value(plain(text), text),
        None => Ok(Value::from(text)),
        Some(tag) => tagged(text, style, tag),
    }
}

/// Whether [`resolve`] has nothing against a scalar.
pub(super) fn check(text: &str, style: Style, tag: Option<&str>) -> Result<(), String> {
    match (tag, style) {
        (None, Style::Plain) if !text.starts_with(['.', '+', '-']) => Ok(()),
        (None, Style::Single | Style::Double | Style::Literal | Style::Folded) => Ok(()),
        _ => resolve(text, style, tag).map(drop),
    }
}

/// Whether a plain scalar with that text is a string.
pub(super) fn is_string(text: &str) -> bool {
    matches!(plain(text), Plain::Text)
}

fn value(plain: Plain, text: &str) -> Result<Value, String> {
    Ok(match plain {
        Plain::Null => Value::Null,
        Plain::Bool(value) => Value::Bool(value),
        Plain::Number(number) => Value::Number(number),
        Plain::NoJson => return Err(format!("JSON has no number `{text}`")),
        Plain::Text => Value::from(text),
    })
}

/// What a scalar without quotes is.
pub(super) fn plain(text: &str) -> Plain {
    match text.bytes().next() {
        None => Plain::Null,
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => word(text),
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number(text),
        Some(_) => Plain::Text,
    }
}

fn word(text: &str) -> Plain {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Plain::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Plain::Bool(false),
        "~" | "null" | "Null" | "NULL" => Plain::Null,
        _ => Plain::Text,
    }
}

fn number(text: &str) -> Plain {
    let found = match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF" => return Plain::NoJson,
        ".nan" | ".NaN" | ".NAN" => return Plain::NoJson,
        // Here Go knows underscores, but only between digits.
        _ if text.starts_with('.') => between_digits(text).as_deref().and_then(float),
        _ if text.contains('_') => any_number(&text.replace('_', "")),
        _ => any_number(text),
    };
    found.map_or(Plain::Text, Plain::Number)
}

fn any_number(text: &str) -> Option<Number> {
    integer(text).or_else(|| float(text))
}

/// The text without its underscores, each of which must have digits on both sides.
fn between_digits(text: &str) -> Option<String> {
    let mut parts = text.split('_');
    let mut joined = parts.next()?.to_owned();
    for part in parts {
        let digits = joined.ends_with(|c: char| c.is_ascii_digit()) && part.starts_with(|c: char| c.is_ascii_digit());
        if !digits {
            return None;
        }
        joined.push_str(part);
    }
    Some(joined)
}

/// `strconv.ParseInt(text, 0, 64)`, then `ParseUint`; then `0b` before a signed binary number.
fn integer(text: &str) -> Option<Number> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let (base, digits) = base(digits);
    if digits.is_empty() && base == 8 {
        return Some(Number::from(0));
    }
    if digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        if let Ok(value) = i64::from_str_radix(&format!("{sign}{digits}"), base) {
            return Some(value.into());
        }
        if !text.starts_with(['+', '-'])
            && let Ok(value) = u64::from_str_radix(digits, base)
        {
            return Some(value.into());
        }
    }
    let signed = text.strip_prefix("0b").filter(|rest| rest.starts_with(['+', '-']))?;
    i64::from_str_radix(signed, 2).ok().map(Number::from)
}

/// The base that a number's prefix names, and the digits behind it. A leading zero alone means octal.
fn base(digits: &str) -> (u32, &str) {
    let Some(rest) = digits.strip_prefix('0') else {
        return (10, digits);
    };
    let marked = |at: usize| if rest.len() > 1 { rest.get(at..).unwrap_or_default() } else { rest };
    match rest.bytes().next() {
        Some(b'x' | b'X') if rest.len() > 1 => (16, marked(1)),
        Some(b'o' | b'O') if rest.len() > 1 => (8, marked(1)),
        Some(b'b' | b'B') if rest.len() > 1 => (2, marked(1)),
        _ => (8, rest),
    }
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

/// A floating-point number as Go writes it in JSON: without a fraction it looks like an integer, and is read as one.
fn float(text: &str) -> Option<Number> {
    if !is_float(text) {
        return None;
    }
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    // Up to 1e21 Go writes all digits.
    if value.fract() == 0.0 && value.abs() < 1e21 {
        let digits = format!("{value}");
        if let Ok(value) = digits.parse::<i64>() {
            return Some(value.into());
        }
        if let Ok(value) = digits.parse::<u64>() {
            return Some(value.into());
        }
    }
    Number::from_f64(value)
}

fn tagged(text: &str, style: Style, tag: &str) -> Result<Value, String> {
    let string = || Ok(Value::from(text));
    let Some(known) = tag.strip_prefix("tag:yaml.org,2002:") else {
        return string();
    };
    // A tag wins over quotes: `!!int "1"` is a number.
    match (known, plain(text)) {
        ("str", _) => string(),
        ("bool", plain @ Plain::Bool(_))
        | ("int" | "float", plain @ Plain::Number(_))
        | ("null", plain @ Plain::Null) => value(plain, text),
        ("timestamp", Plain::Text) if style == Style::Plain => string(),
        ("bool" | "int" | "float" | "null" | "timestamp", _) => Err(format!("`{text}` is not of type `{known}`")),
        ("binary", _) => {
            let bytes = STANDARD.decode(text.replace('\n', "")).ok();
            let decoded = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
            decoded.map(|text| Value::from(&*text)).ok_or_else(|| "this is not the base64 of a text".to_owned())
        }
        _ => string(),
    }
}

/// What a scalar is called as a key: of a number as `sigs.k8s.io/yaml` prints it. Nothing where kubectl refuses it.
pub(super) fn key<'a>(text: &'a str, style: Style, tag: Option<&str>) -> Option<Cow<'a, str>> {
    if style != Style::Plain && tag.is_none() {
        return Some(Cow::Borrowed(text));
    }
    let resolved = match tag {
        None => plain(text),
        Some(_) => match resolve(text, style, tag).ok()? {
            Value::Bool(value) => Plain::Bool(value),
            Value::Number(number) => Plain::Number(number),
            Value::String(text) => return Some(Cow::Owned(text.into())),
            _ => Plain::Null,
        },
    };
    match resolved {
        Plain::Text => Some(Cow::Borrowed(text)),
        Plain::Bool(value) => Some(Cow::Borrowed(if value { "true" } else { "false" })),
        Plain::Number(number) => number_key(&number, integer(&text.replace('_', "")).is_none()),
        Plain::Null | Plain::NoJson => None,
    }
}

/// Integers beyond 63 bits have no key; floating-point numbers are printed with 32 bits of precision.
fn number_key(number: &Number, float: bool) -> Option<Cow<'static, str>> {
    if !float {
        return number.as_i64().map(|value| Cow::Owned(value.to_string()));
    }
    #[allow(clippy::cast_possible_truncation, reason = "as Go does it")]
    let value = number.as_f64()? as f32;
    let shortest = format!("{value:e}");
    let (mantissa, exponent) = shortest.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    if (-4..21).contains(&exponent) && !(exponent >= 6 && exponent >= digits(mantissa)) {
        return Some(Cow::Owned(value.to_string()));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    Some(Cow::Owned(format!("{mantissa}e{sign}{:02}", exponent.abs())))
}

fn digits(mantissa: &str) -> i32 {
    i32::try_from(mantissa.bytes().filter(u8::is_ascii_digit).count()).unwrap_or(i32::MAX)
}
