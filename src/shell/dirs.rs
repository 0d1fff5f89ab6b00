//! The user's directories for the history and the init file.
//!
//! Invariant: a directory from an environment variable is used only if its path is absolute, as the
//! XDG specification requires. This module deliberately does not read or write the files.

use std::ffi::OsString;
use std::path::PathBuf;

/// The name of this program's directory.
const OURS: &str = "switchboard";

/// Returns the path of the init file: statements and commands to run when a prompt starts.
pub fn init_file() -> Option<PathBuf> {
    folder("XDG_CONFIG_HOME", ".config").map(|folder| folder.join("init"))
}

/// Returns the path of the history file.
pub fn history_file() -> Option<PathBuf> {
    folder("XDG_STATE_HOME", ".local/state").map(|folder| folder.join("history"))
}

fn folder(variable: &str, otherwise: &str) -> Option<PathBuf> {
    chosen(std::env::var_os(variable), std::env::home_dir(), otherwise)
}

fn chosen(named: Option<OsString>, home: Option<PathBuf>, otherwise: &str) -> Option<PathBuf> {
    let absolute = |path: &PathBuf| path.is_absolute();
    let named = named.map(PathBuf::from).filter(absolute);
    let base = named.or_else(|| home.filter(absolute).map(|home| home.join(otherwise)))?;
    Some(base.join(OURS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_folders_count() {
        let home = || Some(PathBuf::from("/home/maria"));
        let shown = |named: Option<&str>, home| {
            chosen(named.map(OsString::from), home, ".config").map(|path| path.display().to_string())
        };
        assert_eq!(shown(Some("/etc/xdg"), home()).as_deref(), Some("/etc/xdg/switchboard"));
        assert_eq!(shown(Some("xdg"), home()).as_deref(), Some("/home/maria/.config/switchboard"));
        assert_eq!(shown(None, home()).as_deref(), Some("/home/maria/.config/switchboard"));
        assert_eq!(shown(None, None), None);
    }
}
