//! See `checks::statement`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::statement(bytes));
