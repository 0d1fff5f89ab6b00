//! Packs the message bodies of a closed conversation into bytes, and unpacks them.
//!
//! Invariant: `unpack` returns exactly what `pack` was given, or `None`. Whatever the bytes are, it
//! neither panics nor uses more memory than the limits allow. This module deliberately does not
//! know where the bytes are stored, nor who packs them and when.
//!
//! The format is one byte with the version, followed by data compressed with deflate (RFC 1951):
//! the number of bodies; for each body the difference between its id and the previous id, and its
//! length in bytes; then all bodies in UTF-8, one after the other. Numbers are stored as seven bits
//! per byte, the lowest bits first. The high bit says that another byte follows.

use std::ops::Range;

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// The version of this format.
const VERSION: u8 = 1;
/// The compression level. The best level costs no more for a chat than a medium one.
const LEVEL: u8 = 9;
/// The maximum number of text bytes in one archive. Packing them holds the write lock for about 10
/// ms, and reading one message unpacks all of them.
pub const MOST_BYTES: usize = 1 << 20;
/// The maximum number of bodies in one archive. Removing them from the text table holds the write
/// lock for about 10 ms.
pub const MOST_BODIES: usize = 2_000;
/// The maximum length of an encoded number, in bytes.
const LONGEST_NUMBER: usize = 9;
/// The maximum size of an unpacked archive, in bytes.
const LIMIT: usize = MOST_BYTES + LONGEST_NUMBER * (1 + 2 * MOST_BODIES);

/// Returns whether this number of bodies and bytes fits into one archive.
pub fn fits(bodies: usize, bytes: usize) -> bool {
    bodies <= MOST_BODIES && bytes <= MOST_BYTES
}

/// Packs bodies, each with the id of its text. The ids must be ascending and at least 1. Returns
/// `None` if the bodies do not fit.
pub fn pack<'a>(bodies: impl Iterator<Item = (i64, &'a str)> + Clone) -> Option<Vec<u8>> {
    let bytes = bodies.clone().map(|(_, body)| body.len()).sum();
    let count = bodies.clone().count();
    if !fits(count, bytes) {
        return None;
    }
    let mut plain = Vec::with_capacity(bytes + 4 * count + LONGEST_NUMBER);
    write_number(&mut plain, count as u64);
    let mut before = 0;
    for (id, body) in bodies.clone() {
        let distance = id.checked_sub(before).filter(|distance| *distance > 0)?;
        write_number(&mut plain, distance.unsigned_abs());
        write_number(&mut plain, body.len() as u64);
        before = id;
    }
    bodies.for_each(|(_, body)| plain.extend_from_slice(body.as_bytes()));
    let mut packed = vec![VERSION];
    packed.extend(compress_to_vec(&plain, LEVEL));
    Some(packed)
}

/// An unpacked archive.
#[derive(Debug, PartialEq, Eq)]
pub struct Archive {
    /// The id of each text, ascending, and the range of its body in `words`.
    bodies: Vec<(i64, Range<usize>)>,
    words: String,
}

impl Archive {
    /// Returns the ids of the texts whose bodies are in the archive, ascending.
    pub fn ids(&self) -> impl Iterator<Item = i64> {
        self.bodies.iter().map(|(id, _)| *id)
    }

    /// Returns the body of a text, or `None` if it is not in the archive.
    pub fn body(&self, id: i64) -> Option<&str> {
        let place = self.bodies.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.words.get(self.bodies[place].1.clone())
    }
}

/// Unpacks an archive. Returns `None` if the bytes are not a valid archive.
pub fn unpack(packed: &[u8]) -> Option<Archive> {
    let (version, deflated) = packed.split_first()?;
    if *version != VERSION {
        return None;
    }
    let plain = decompress_to_vec_with_limit(deflated, LIMIT).ok()?;
    let mut rest = plain.as_slice();
    let count = read_number(&mut rest).filter(|count| *count <= MOST_BODIES)?;
    let mut bodies = Vec::with_capacity(count);
    let (mut before, mut end) = (0_i64, 0_usize);
    for _ in 0..count {
        let distance = read_number(&mut rest).filter(|distance| *distance > 0)?;
        let start = end;
        before = before.checked_add(i64::try_from(distance).ok()?)?;
        end = end.checked_add(read_number(&mut rest)?)?;
        bodies.push((before, start..end));
    }
    let words = std::str::from_utf8(rest).ok().filter(|words| words.len() == end)?.to_owned();
    let parted = bodies.iter().all(|(_, place)| words.is_char_boundary(place.end));
    parted.then_some(Archive { bodies, words })
}

fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(0x80 | (number & 0x7f) as u8);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Reads a number from the front. Returns `None` if it is incomplete or too long.
fn read_number(rest: &mut &[u8]) -> Option<usize> {
    let mut number = 0_u64;
    for place in 0..LONGEST_NUMBER {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return usize::try_from(number).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests;
