//! The bodies of a closed conversation as bytes, and back.
//!
//! Invariant: `unpack` gives exactly what `pack` was given, or nothing: whatever the bytes are, it neither panics nor
//! takes more memory than the limits allow. It deliberately does not know where the bytes stand, nor who packs when.
//!
//! The format: one byte, its version; then, deflated (RFC 1951): how many bodies there are, for each the distance of
//! its id from the one before and its length in bytes, then the bodies one after the other in UTF-8. Numbers are
//! written seven bits a byte, the lowest first, the high bit saying that another one follows.

use std::ops::Range;

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// The version of this format.
const VERSION: u8 = 1;
/// How hard deflate tries: its best, which for a chat costs no more than its middle.
const LEVEL: u8 = 9;
/// The most bytes of text in one archive: packing them holds the file for some 10 ms, and whoever reads one message
/// unpacks all of them.
pub const MOST_BYTES: usize = 1 << 20;
/// The most bodies in one archive: to take them out of their texts holds the file for some 10 ms.
pub const MOST_BODIES: usize = 2_000;
/// The most bytes of a number.
const LONGEST_NUMBER: usize = 9;
/// The most that there is to unpack.
const LIMIT: usize = MOST_BYTES + LONGEST_NUMBER * (1 + 2 * MOST_BODIES);

/// Whether so many bodies of so many bytes go into one archive.
pub fn fits(bodies: usize, bytes: usize) -> bool {
    bodies <= MOST_BODIES && bytes <= MOST_BYTES
}

/// Packs bodies, each under the id of its text, the ids rising from at least 1; none: they do not fit.
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

/// An archive that was unpacked.
#[derive(Debug, PartialEq, Eq)]
pub struct Archive {
    /// The id of each text, rising, and its place in `words`.
    bodies: Vec<(i64, Range<usize>)>,
    words: String,
}

impl Archive {
    /// The ids of the texts whose bodies are in it, rising.
    pub fn ids(&self) -> impl Iterator<Item = i64> {
        self.bodies.iter().map(|(id, _)| *id)
    }

    /// The body of that text; none: it is not in it.
    pub fn body(&self, id: i64) -> Option<&str> {
        let place = self.bodies.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.words.get(self.bodies[place].1.clone())
    }
}

/// Unpacks an archive; none: these bytes are none.
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

/// Takes a number from the front; none: there is no whole one, or it is longer than any.
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
