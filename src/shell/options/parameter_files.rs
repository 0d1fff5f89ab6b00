//! The option `--param-file`: parameters whose values are in files.
//!
//! Invariant: a value is the whole content of its file, unchanged. Reading ends shortly after the
//! longest text, so an endless file costs nothing.

use std::fs::File;
use std::io::{self, Read};

use super::invalid;
use crate::language::token::LONGEST_TEXT;

/// Returns the names and values of parameters, each given as a name and a file; `-` is standard
/// input, which is free only if the statements are arguments.
///
/// # Errors
/// A usage error that names the option and the file.
pub(super) fn read(
    given: &[(String, String)],
    stdin_is_free: bool,
) -> Result<Vec<(String, String)>, clap::Error> {
    let from_stdin = given.iter().filter(|(_, file)| file == "-").count();
    if from_stdin > 1 {
        return Err(invalid("--param-file: standard input (-) can be read for one parameter only"));
    }
    if from_stdin == 1 && !stdin_is_free {
        return Err(invalid(
            "--param-file: standard input (-) can only be read if the statements are arguments",
        ));
    }
    given.iter().map(|(name, file)| Ok((name.clone(), value(file)?))).collect()
}

fn value(file: &str) -> Result<String, clap::Error> {
    let failed = |what: String| invalid(format!("--param-file: {file}: {what}"));
    let bytes = match file {
        "-" => content(io::stdin().lock()),
        path => File::open(path).and_then(content),
    }
    .map_err(|error| failed(error.to_string()))?;
    if bytes.len() > LONGEST_TEXT {
        return Err(failed(format!("the file exceeds {LONGEST_TEXT} bytes")));
    }
    String::from_utf8(bytes)
        .map_err(|error| failed(format!("invalid UTF-8 at byte {}", error.utf8_error().valid_up_to() + 1)))
}

fn content(file: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(LONGEST_TEXT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
