//! See `checks::file`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::file(bytes));
