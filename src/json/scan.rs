//! Finding the bytes that matter, many at a time.

use std::iter::once;

use wide::u8x16;

const QUOTE: u8x16 = u8x16::new([b'"'; 16]);
const BACKSLASH: u8x16 = u8x16::new([b'\\'; 16]);
const LAST_CONTROL: u8x16 = u8x16::new([0x1f; 16]);
/// `[` and `{` differ in this bit alone, and so do `]` and `}`.
const CURLY: u8x16 = u8x16::new([0x20; 16]);
const OPEN: u8x16 = u8x16::new([b'{'; 16]);
const CLOSE: u8x16 = u8x16::new([b'}'; 16]);

/// How many bytes come before the next quote, backslash or control character.
#[inline]
pub(super) fn special(bytes: &[u8]) -> usize {
    let (blocks, rest) = bytes.as_chunks::<16>();
    for (index, block) in blocks.iter().enumerate() {
        let block = u8x16::new(*block);
        let marks = block.simd_eq(QUOTE) | block.simd_eq(BACKSLASH) | block.min(LAST_CONTROL).simd_eq(block);
        let marks = marks.to_bitmask();
        if marks != 0 {
            return index * 16 + marks.trailing_zeros() as usize;
        }
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    blocks.len() * 16 + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// The length of the map or list that begins here, or `None` where it does not end. Brackets are counted outside strings,
/// 64 bytes at a time, after the manner of simdjson (Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019).
pub(super) fn brackets(bytes: &[u8]) -> Option<usize> {
    let (blocks, rest) = bytes.as_chunks::<64>();
    let mut last = [b' '; 64];
    last[..rest.len()].copy_from_slice(rest);
    let mut depth = 0;
    let mut inside = Inside::default();
    for (index, block) in blocks.iter().chain(once(&last)).enumerate() {
        let found = Brackets::of(block, &mut inside);
        let (opened, closed) = (found.open.count_ones() as usize, found.close.count_ones() as usize);
        if depth > closed {
            depth = depth + opened - closed;
        } else if let Some(end) = found.end(&mut depth) {
            return Some(index * 64 + end);
        }
    }
    None
}

/// What a block inherits from those before it.
#[derive(Default)]
struct Inside {
    /// All ones within a string.
    string: u64,
    /// 1 behind a backslash that escapes.
    escape: u64,
}

/// The brackets of a block that stand outside strings, a bit for each byte.
struct Brackets {
    open: u64,
    close: u64,
}

impl Brackets {
    #[inline]
    fn of(block: &[u8; 64], inside: &mut Inside) -> Self {
        let (mut quote, mut backslash, mut open, mut close) = (0, 0, 0, 0);
        for (index, part) in block.as_chunks::<16>().0.iter().enumerate() {
            let part = u8x16::new(*part);
            let curly = part | CURLY;
            let bits = |found: u8x16| u64::from(found.to_bitmask()) << (index * 16);
            quote |= bits(part.simd_eq(QUOTE));
            backslash |= bits(part.simd_eq(BACKSLASH));
            open |= bits(curly.simd_eq(OPEN));
            close |= bits(curly.simd_eq(CLOSE));
        }
        quote &= !inside.escaped(backslash);
        let string = inside.strings(quote);
        Self { open: open & !string, close: close & !string }
    }

    /// Where the first bracket is closed, if that is in this block; else the depth behind the block.
    fn end(&self, depth: &mut usize) -> Option<usize> {
        let mut rest = self.open | self.close;
        while rest != 0 {
            let bit = rest & rest.wrapping_neg();
            rest ^= bit;
            if self.open & bit != 0 {
                *depth += 1;
            } else {
                *depth -= 1;
                if *depth == 0 {
                    return Some(bit.trailing_zeros() as usize + 1);
                }
            }
        }
        None
    }
}

impl Inside {
    /// The bytes that a backslash before them escapes.
    #[inline]
    fn escaped(&mut self, backslash: u64) -> u64 {
        let mut escaped = self.escape;
        let mut rest = backslash & !escaped;
        self.escape = 0;
        while rest != 0 {
            let bit = rest & rest.wrapping_neg();
            escaped |= bit << 1;
            self.escape = bit >> 63;
            rest &= !(bit | bit << 1);
        }
        escaped
    }

    /// The bytes within strings, with the opening quote and without the closing one.
    #[inline]
    fn strings(&mut self, quote: u64) -> u64 {
        let mut string = quote;
        for shift in [1, 2, 4, 8, 16, 32] {
            string ^= string << shift;
        }
        string ^= self.string;
        self.string = 0_u64.wrapping_sub(string >> 63);
        string
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_special_byte_is_found_at_every_place_and_no_other_is() {
        for byte in 0..=255_u8 {
            for at in 0..20 {
                let mut bytes = [b'a'; 20];
                bytes[at] = byte;
                let special_byte = byte < 0x20 || byte == b'"' || byte == b'\\';
                assert_eq!(special(&bytes), if special_byte { at } else { 20 }, "{byte} at {at}");
                bytes[..at].fill(0xff);
                assert_eq!(special(&bytes), if special_byte { at } else { 20 }, "{byte} at {at} behind 0xff");
            }
        }
    }

    /// The same, byte by byte.
    fn plainly(bytes: &[u8]) -> Option<usize> {
        let (mut depth, mut string, mut at) = (0, false, 0);
        while at < bytes.len() {
            match bytes[at] {
                // Outside strings a backslash is no JSON; it escapes nothing but quotes and itself.
                b'\\' => at += usize::from(matches!(bytes.get(at + 1), Some(b'"' | b'\\'))),
                b'"' => string = !string,
                b'{' | b'[' if !string => depth += 1,
                b'}' | b']' if !string => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        None
    }

    #[test]
    fn a_backslash_at_the_end_of_a_block_escapes_the_quote_that_begins_the_next() {
        let text = format!(r#"{{"{}\""}}"#, "a".repeat(61));
        assert_eq!((text.as_bytes()[63], brackets(text.as_bytes())), (b'\\', Some(67)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn brackets_are_counted_as_one_would_by_hand(text in r#"\{([\[\]{}"\\a]|aaaaaaaaaaaaaaaa|\\\\|\\"){0,80}"#) {
            prop_assert_eq!(brackets(text.as_bytes()), plainly(text.as_bytes()));
        }
    }
}
