//! What type a scalar has: as `go.yaml.in/yaml/v2`, which `sigs.k8s.io/yaml` and so kubectl uses, resolves it (`resolve.go`).
//!
//! That is YAML 1.1 with exceptions: `yes`, `on` and `y` are true, `010` is eight, `1_000` a thousand; `1:30` is a
//! string, and so is a date. What becomes of a number in JSON is Go's too: `1.0` is written `1`.

use serde_json::{Number, Value};

use super::tree::Style;

/// What kubectl makes of a scalar, or what it says where it refuses it.
pub(super) fn resolve(text: &str, style: Style, tag: Option<&str>) -> Result<Value, String> {
    match tag {
        None if style == Style::Plain => plain(text),
        None => Ok(Value::String(text.to_owned())),
        Some(tag) => tagged(text, style, tag),
    }
}

/// Whether a plain scalar with that text is a string.
pub(super) fn is_string(text: &str) -> bool {
    matches!(plain(text), Ok(Value::String(_)))
}

fn plain(text: &str) -> Result<Value, String> {
    let string = || Ok(Value::String(text.to_owned()));
    match text.bytes().next() {
        None => Ok(Value::Null),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => {
            word(text).map_or_else(string, Ok)
        }
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number(text)?.map_or_else(string, |number| Ok(Value::Number(number))),
        Some(_) => string(),
    }
}

fn word(text: &str) -> Option<Value> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(Value::Bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(Value::Bool(false))
        }
        "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        _ => None,
    }
}

/// The number that a plain scalar is; nothing where it is a string.
fn number(text: &str) -> Result<Option<Number>, String> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err(format!("JSON has no number `{text}`"));
    }
    if text.starts_with('.') {
        return Ok(is_float(text).then(|| float(text)).flatten());
    }
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    Ok(integer(&plain).or_else(|| is_float(&plain).then(|| float(&plain)).flatten()))
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
    let string = || Ok(Value::String(text.to_owned()));
    let Some(known) = tag.strip_prefix("tag:yaml.org,2002:") else {
        return string();
    };
    // A tag wins over quotes: `!!int "1"` is a number.
    let value = plain(text)?;
    let misfit = || Err(format!("`{text}` is not of type `{known}`"));
    match (known, &value) {
        ("str", _) => string(),
        ("timestamp", Value::String(_)) if style == Style::Plain => Ok(value),
        ("bool", Value::Bool(_)) | ("int" | "float", Value::Number(_)) | ("null", Value::Null) => Ok(value),
        ("bool" | "int" | "float" | "null" | "timestamp", _) => misfit(),
        ("binary", _) => Err("JSON has no binary values".to_owned()),
        _ => string(),
    }
}

/// The same as [`resolve`] where only refusals count.
pub(super) fn check(text: &str, style: Style, tag: Option<&str>) -> Result<(), String> {
    resolve(text, style, tag).map(drop)
}
