//! Where the shared log is: `postgres://…`, with the password from the file of PostgreSQL's own tools.
//!
//! Invariant: the certificate of a server is always checked, unless TLS is switched off by name; a
//! password never stands in the address. This module deliberately does not connect.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use crate::domain::refusal::{Code, Fault};

/// How long one server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// After how long silence the system asks a server whether it is still there, and how often.
const KEEPALIVE: Duration = Duration::from_secs(5);
const KEEPALIVES: u32 = 3;

/// An address, ready to connect.
pub struct LogAddress {
    /// What the client needs for each server, the password included, in the order in which they are tried.
    pub servers: Vec<Config>,
    /// How TLS is done; `None`: without.
    pub tls: Option<Arc<ClientConfig>>,
}

fn invalid(words: impl Into<String>) -> Fault {
    Fault::new(Code::InvalidValue, words)
}

impl LogAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// `invalid_value` if it is none, or contains a password; `not_found` if a certificate cannot be
    /// read.
    pub fn read(text: &str) -> Result<LogAddress, Fault> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(invalid("the address of the shared log must begin with postgres://")
                .hint("for example --log postgres://anna@db.example.com/desk"));
        }
        let (text, wanted) = tls_options(text)?;
        let config: Config = text.parse().map_err(|error: tokio_postgres::Error| {
            invalid(format!("the address of the shared log is invalid: {}", cause(&error)))
        })?;
        if config.get_password().is_some() {
            return Err(invalid(
                "the address of the shared log contains a password, which everybody can see",
            )
            .hint("put it into ~/.pgpass, or into the file that PGPASSFILE names"));
        }
        if config.get_hosts().is_empty() {
            return Err(invalid("the address of the shared log names no server")
                .hint("for example --log postgres://anna@db.example.com/desk"));
        }
        if config.get_dbname().is_none() {
            return Err(invalid("the address of the shared log names no database")
                .hint("for example --log postgres://anna@db.example.com/desk"));
        }
        if config.get_user().is_none() && whoami().is_empty() {
            return Err(invalid("the address of the shared log names no role")
                .hint("for example --log postgres://anna@db.example.com/desk"));
        }
        let passwords = Passwords::read()?;
        let tls = match wanted {
            Tls::Off => None,
            Tls::IfRemote if is_local(&config) => None,
            Tls::IfRemote => Some(trusting(None)?),
            Tls::Checked(root) => Some(trusting(root.as_deref())?),
        };
        let mode = if tls.is_some() { SslMode::Require } else { SslMode::Disable };
        let servers =
            (0..config.get_hosts().len()).filter_map(|place| server(&config, place, mode, &passwords));
        Ok(LogAddress { servers: servers.collect(), tls })
    }
}

/// Returns the configuration for one of the servers.
fn server(config: &Config, place: usize, mode: SslMode, passwords: &Passwords) -> Option<Config> {
    let host = config.get_hosts().get(place)?;
    let port = config.get_ports().get(place).or(config.get_ports().first()).copied().unwrap_or(5432);
    let database = config.get_dbname()?;
    let user = config.get_user().map_or_else(whoami, str::to_owned);
    let mut one = Config::new();
    let name = match host {
        Host::Tcp(name) => {
            one.host(name);
            name.as_str()
        }
        Host::Unix(folder) => {
            one.host_path(folder);
            "localhost"
        }
    };
    if let Some(password) = passwords.of([name, &port.to_string(), database, &user]) {
        one.password(password);
    }
    if let Some(options) = config.get_options() {
        one.options(options);
    }
    one.port(port)
        .dbname(database)
        .user(user)
        .ssl_mode(mode)
        .application_name("switchboard")
        .target_session_attrs(TargetSessionAttrs::ReadWrite)
        .connect_timeout(CONNECT_TIMEOUT)
        .keepalives_idle(KEEPALIVE)
        .keepalives_interval(KEEPALIVE)
        .keepalives_retries(KEEPALIVES)
        .tcp_user_timeout(KEEPALIVE * KEEPALIVES);
    Some(one)
}

/// Returns the operating-system user, for whom a server takes somebody without a name.
fn whoami() -> String {
    std::env::var("USER").unwrap_or_default()
}

/// Whether TLS is used.
enum Tls {
    /// Not at all.
    Off,
    /// With every server but those of this machine.
    IfRemote,
    /// Always; with the certificate authority in a file, or with those of the system.
    Checked(Option<PathBuf>),
}

/// Takes the options about TLS out of an address, which the client does not know as PostgreSQL's own
/// tools do.
fn tls_options(text: &str) -> Result<(String, Tls), Fault> {
    let Some((address, options)) = text.split_once('?') else {
        return Ok((text.to_owned(), Tls::IfRemote));
    };
    let (mut mode, mut root, mut rest) = (None, None, Vec::new());
    for option in options.split('&') {
        match option.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value),
            Some(("sslrootcert", value)) => root = Some(PathBuf::from(decoded(value))),
            _ => rest.push(option),
        }
    }
    let tls = match (mode, root) {
        (Some("disable"), None) => Tls::Off,
        (Some("disable"), Some(_)) => {
            return Err(invalid("sslrootcert has no effect with sslmode=disable"));
        }
        (Some("verify-full"), root) => Tls::Checked(root),
        (Some(other), _) => {
            return Err(invalid(format!("sslmode={other} does not check who the server is"))
                .hint("use sslmode=verify-full, with sslrootcert=FILE for an authority of your own"));
        }
        (None, Some(root)) => Tls::Checked(Some(root)),
        (None, None) => Tls::IfRemote,
    };
    let rest = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    Ok((format!("{address}{rest}"), tls))
}

/// Decodes the escapes `%2F` of an address.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| byte == b'%').and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok()
        });
        bytes.push(escaped.unwrap_or(byte));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns whether all servers are on this machine.
fn is_local(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
    })
}

fn trusting(root: Option<&Path>) -> Result<Arc<ClientConfig>, Fault> {
    let mut roots = RootCertStore::empty();
    match root {
        Some(file) => {
            let failed = |words: String| {
                Fault::new(Code::NotFound, format!("cannot read {}: {words}", file.display()))
                    .hint("sslrootcert names the certificate of the authority, in PEM")
            };
            let certificates =
                CertificateDer::pem_file_iter(file).map_err(|error| failed(error.to_string()))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| failed(error.to_string()))?;
                roots.add(certificate).map_err(|error| failed(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(failed("it contains no certificate".to_owned()));
            }
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::new(Code::Internal, format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The file that PGPASSFILE names, or `~/.pgpass`.
struct Passwords(String);

impl Passwords {
    /// Reads the file, if there is one.
    fn read() -> Result<Passwords, Fault> {
        let named = std::env::var_os("PGPASSFILE").map(PathBuf::from);
        let Some(path) = named.clone().or_else(|| Some(std::env::home_dir()?.join(".pgpass"))) else {
            return Ok(Passwords(String::new()));
        };
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(_) if named.is_none() => return Ok(Passwords(String::new())),
            Err(error) => {
                return Err(Fault::new(Code::NotFound, format!("cannot read {}: {error}", path.display()))
                    .hint("PGPASSFILE names it"));
            }
        };
        if metadata.is_file() && metadata.mode() & 0o077 != 0 {
            let words = format!("{} can be read by others, so its passwords are not used", path.display());
            return Err(Fault::new(Code::NotAllowed, words).hint(format!("chmod 600 {}", path.display())));
        }
        let text = fs::read_to_string(&path).map_err(|error| {
            Fault::new(Code::of_io(error.kind()), format!("cannot read {}: {error}", path.display()))
        })?;
        Ok(Passwords(text))
    }

    /// Returns the password for a server, port, database and user.
    fn of(&self, about: [&str; 4]) -> Option<String> {
        self.0.lines().find_map(|line| password_of(line, about))
    }
}

/// Returns the password of a line `host:port:database:user:password` if it is about these.
fn password_of(line: &str, about: [&str; 4]) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let mut fields = vec![String::new()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => fields.last_mut()?.extend(letters.next()),
            ':' if fields.len() < 5 => fields.push(String::new()),
            other => fields.last_mut()?.push(other),
        }
    }
    let password = fields.pop()?;
    let fits =
        fields.len() == 4 && fields.iter().zip(about).all(|(field, wanted)| field == "*" || field == wanted);
    fits.then_some(password)
}

/// Returns the innermost reason of an error.
pub fn cause(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

#[cfg(test)]
#[path = "address/tests.rs"]
mod tests;
