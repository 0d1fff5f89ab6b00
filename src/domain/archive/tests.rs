//! Tests of packing and unpacking: what people write, the limits, and bytes that are not an
//! archive.
//!
//! No bytes may cause a panic or use more memory than the limits. The random cases are generated
//! from a fixed seed.

use super::*;

fn packed(bodies: &[(i64, &str)]) -> Vec<u8> {
    pack(bodies.iter().copied()).expect("they fit")
}

fn same(bodies: &[(i64, &str)]) {
    let archive = unpack(&packed(bodies)).expect("it is unpacked");
    assert_eq!(archive.ids().collect::<Vec<_>>(), bodies.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    for (id, body) in bodies {
        assert_eq!(archive.body(*id), Some(*body));
    }
    for (id, _) in bodies {
        let unknown = |id: &i64| bodies.iter().all(|(known, _)| known != id);
        assert!(
            [id - 1, id.saturating_add(1)]
                .iter()
                .filter(|id| unknown(id))
                .all(|id| archive.body(*id).is_none())
        );
    }
}

/// A pseudo-random generator (SplitMix64) with a fixed seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn text(&mut self) -> String {
        let letters = ['a', 'e', ' ', '\n', '\0', 'ß', '¿', '漢', '🙂', '\u{301}', '\u{fffd}'];
        (0..self.below(200)).map(|_| letters[self.below(letters.len() as u64) as usize]).collect()
    }
}

#[test]
fn what_people_write_comes_back_byte_for_byte() {
    same(&[]);
    same(&[(1, "")]);
    same(&[(1, ""), (2, " "), (3, "\n\t\r\0")]);
    same(&[(7, "hello"), (9, "Grüße 🙂 é e\u{301} \u{202e}abc"), (i64::MAX, "¿qué?")]);
    let long = "all work and no play ".repeat(3120);
    same(&[(1, &long[..65_536.min(long.len())]), (1_000_000_007, "漢字")]);
    let mut numbers = Numbers(20_260_302);
    for _ in 0..200 {
        let mut id = 0;
        let texts: Vec<(i64, String)> = (0..numbers.below(40))
            .map(|_| {
                let bits = numbers.below(40);
                id += 1 + numbers.below(1 << bits) as i64;
                (id, numbers.text())
            })
            .collect();
        same(&texts.iter().map(|(id, text)| (*id, text.as_str())).collect::<Vec<_>>());
    }
}

#[test]
fn what_does_not_fit_or_is_out_of_order_is_not_packed() {
    let whole = "x".repeat(MOST_BYTES);
    same(&[(1, &whole)]);
    assert_eq!(pack([(1, whole.as_str()), (2, "y")].into_iter()), None);
    let many: Vec<(i64, &str)> = (1..=MOST_BODIES as i64 + 1).map(|id| (id * 1_000_000, "")).collect();
    same(&many[1..]);
    assert_eq!(pack(many.iter().copied()), None);
    for bodies in [[(2, "a"), (1, "b")], [(1, "a"), (1, "b")], [(0, "a"), (1, "b")], [(-1, "a"), (1, "b")]] {
        assert_eq!(pack(bodies.into_iter()), None, "{bodies:?}");
    }
}

/// Returns the bytes of an archive with this content.
fn around(plain: &[u8]) -> Vec<u8> {
    [vec![VERSION], compress_to_vec(plain, LEVEL)].concat()
}

#[test]
fn bytes_that_are_no_archive_are_told_from_one() {
    let good = packed(&[(1, "hello, hello"), (2, "good bye, good bye"), (9, "ß")]);
    for length in 0..good.len() {
        assert_eq!(unpack(&good[..length]), None, "cut at {length}");
    }
    assert_eq!(unpack(&[&[VERSION + 1], &good[1..]].concat()), None, "another version");
    let endless = [0xff; 20];
    for (what, plain) in [
        ("nothing", &[][..]),
        ("a body that is missing", &[1]),
        ("a length that is missing", &[1, 1]),
        ("too short", &[1, 1, 2, b'a']),
        ("too long", &[1, 1, 2, b'a', b'b', b'c']),
        ("no distance", &[2, 1, 1, 0, 1, b'a', b'b']),
        ("not UTF-8", &[1, 1, 1, 0xff]),
        ("a letter parted", &[2, 1, 1, 1, 1, 0xc3, 0x9f]),
        ("a number without an end", &endless),
        ("more bodies than ever", &[0xff, 0xff, 0xff, 0x7f]),
        (
            "lengths beyond counting",
            &[
                2, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 0xff, 0xff, 0xff, 0xff, 0xff,
                0xff, 0xff, 0xff, 0x7f,
            ],
        ),
    ] {
        assert_eq!(unpack(&around(plain)), None, "{what}");
    }
    assert_eq!(unpack(&around(&vec![0; LIMIT])).map(|archive| archive.ids().count()), None, "zeros");
    // A few kilobytes that would unpack to a hundred times the limit are rejected at the limit.
    assert_eq!(unpack(&around(&vec![1; 100 * LIMIT])), None, "a bomb");
}

#[test]
fn changed_bytes_never_panic() {
    let mut numbers = Numbers(7);
    let texts: Vec<String> = (0..12).map(|_| numbers.text()).collect();
    let good = packed(&texts.iter().zip(3..).map(|(text, id)| (id, text.as_str())).collect::<Vec<_>>());
    for _ in 0..20_000 {
        let mut bytes = good.clone();
        for _ in 0..=numbers.below(3) {
            let (place, bit) = (1 + numbers.below(bytes.len() as u64 - 1) as usize, numbers.below(8));
            bytes[place] ^= 1 << bit;
        }
        if numbers.below(3) == 0 {
            let length = numbers.below(bytes.len() as u64) as usize;
            bytes.truncate(length);
        }
        let _ = unpack(&bytes);
        let noise: Vec<u8> = (0..numbers.below(60)).map(|_| numbers.below(256) as u8).collect();
        let _ = (unpack(&noise), unpack(&around(&noise)));
    }
}
