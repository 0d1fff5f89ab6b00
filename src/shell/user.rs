//! Who the operating system says is there.
//!
//! Invariant: the name follows from the effective user alone; the environment may only choose
//! among the names that this user has, since anybody can write an environment. It deliberately
//! does not know agents or supervisors.

use std::fs;

/// Where the names of users stand.
const ACCOUNTS: &str = "/etc/passwd";

/// The login name of the effective user, `uid<N>` where the user has none.
pub fn login_name() -> String {
    let accounts = fs::read(ACCOUNTS).unwrap_or_default();
    let user = std::env::var("USER").ok();
    let number = rustix::process::geteuid().as_raw();
    name_among(&String::from_utf8_lossy(&accounts), number, user.as_deref())
}

/// The name of that user: the one that the environment says if it is one of his, else the first.
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
