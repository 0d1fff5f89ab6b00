//! The name of the operating-system user.
//!
//! Invariant: the name is determined by the effective user id. The environment can only choose
//! among the names of this id, because anybody can set it. This module deliberately does not know
//! agents or supervisors.

use std::fs;

/// The list of user accounts.
const ACCOUNTS: &str = "/etc/passwd";

/// Returns the login name of the effective user, or `uid<N>` if it has no name.
pub fn login_name() -> String {
    let accounts = fs::read(ACCOUNTS).unwrap_or_default();
    let user = std::env::var("USER").ok();
    let number = rustix::process::geteuid().as_raw();
    name_among(&String::from_utf8_lossy(&accounts), number, user.as_deref())
}

/// Returns a name of the user id: the one in the environment if it belongs to the id, otherwise the
/// first.
fn name_among(accounts: &str, number: u32, user: Option<&str>) -> String {
    let mut names = accounts.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        let found: u32 = fields.nth(1)?.parse().ok()?;
        (found == number).then_some(name)
    });
    let first = names.next();
    let chosen = first.into_iter().chain(names).find(|name| Some(*name) == user);
    chosen.or(first).map_or_else(|| format!("uid{number}"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_only_chooses_among_the_users_own_names() {
        let accounts = "root:x:0:0::/root:/bin/sh\n# comment\nmaria:x:1000:1000::/:\ndesk:x:1000:1000::/:\n";
        for (number, user, name) in [
            (1000, None, "maria"),
            (1000, Some("desk"), "desk"),
            (1000, Some("root"), "maria"),
            (0, Some("maria"), "root"),
            (7, Some("maria"), "uid7"),
        ] {
            assert_eq!(name_among(accounts, number, user), name);
        }
    }
}
