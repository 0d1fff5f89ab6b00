//! TLS to the server: its certificate is checked, and passwords come from a file.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::cluster::Cluster;
use crate::host::{Desk, Host};
use crate::needs_postgresql;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tls").join(name)
}

/// A server that takes TLS with a password and nothing else, besides its owner on the same machine.
fn server() -> Cluster {
    let mut server = Cluster::start("password_encryption = 'scram-sha-256'");
    server.sql("postgres", "CREATE ROLE anna LOGIN PASSWORD 'a:b c'");
    server.stop();
    server.place("server.key", &fs::read(fixture("server.key")).expect("a key"), 0o600);
    server.place("server.pem", &fs::read(fixture("server.pem")).expect("a certificate"), 0o600);
    server.place(
        "pg_hba.conf",
        b"local all all trust\nhost all postgres 127.0.0.1/32 trust\nhostssl all anna 127.0.0.1/32 scram-sha-256\nhostssl all anna ::1/128 scram-sha-256\n",
        0o600,
    );
    server.set_before_start("ssl", "on");
    server.set_before_start("ssl_cert_file", "server.pem");
    server.set_before_start("ssl_key_file", "server.key");
    server.run();
    server
}

#[test]
fn a_host_checks_who_the_server_is_and_takes_its_password_from_a_file() {
    needs_postgresql!();
    let server = server();
    let (desk, _first) = Desk::after(&server, "CREATE QUEUE billing;");
    server.sql(&desk.database, "SELECT switchboard.admit('anna')");
    let passwords = desk.folder.path().join("passwords");
    fs::write(&passwords, format!("localhost:{}:{}:anna:a\\:b c\n", server.port, desk.database))
        .expect("a file");
    let mode =
        |mode: u32| fs::set_permissions(&passwords, fs::Permissions::from_mode(mode)).expect("its mode");
    mode(0o600);
    let address = |host: &str, options: &str| {
        format!("postgres://anna@{host}:{}/{}?{options}", server.port, desk.database)
    };
    let file = desk.folder.path().join("b.db");
    let join = |log: String| {
        let host = Host { file: file.clone(), log };
        let output =
            host.command().env("PGPASSFILE", &passwords).arg(".desk join").output().expect("the program");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let trusting = |name: &str| format!("sslmode=verify-full&sslrootcert={}", fixture(name).display());
    let (status, said) = join(address("localhost", &trusting("stranger.pem")));
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.contains("error[not_allowed]: the certificate of the server is not valid: UnknownIssuer"),
        "{said}"
    );
    let (status, said) = join(address("127.0.0.1", &trusting("authority.pem")));
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.contains("the certificate of the server is not valid: certificate not valid for name"),
        "{said}"
    );
    let (status, said) = join(address("localhost", "sslmode=disable"));
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("error[not_allowed]: the server refuses the connection"), "{said}");
    mode(0o640);
    let (status, said) = join(address("localhost", &trusting("authority.pem")));
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("can be read by others, so its passwords are not used"), "{said}");
    mode(0o600);
    let other = format!("postgres://anna@localhost:{}/postgres?{}", server.port, trusting("authority.pem"));
    let (status, said) = join(other);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("error[not_allowed]: the server asks for a password, and there is none"), "{said}");
    let (status, said) = join(address("localhost", &trusting("authority.pem")));
    assert_eq!(status, Some(0), "{said}");
    // The server says that the session is encrypted.
    let host = Host { file, log: address("localhost", &trusting("authority.pem")) };
    let mut follower =
        host.command().env("PGPASSFILE", &passwords).arg("FOLLOW ALL").spawn().expect("the program");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let encrypted =
        "SELECT 1 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'anna' AND ssl";
    while server.sql("postgres", encrypted).is_empty() {
        assert!(std::time::Instant::now() < until, "no session of the host is encrypted");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    follower.kill().expect("it ends");
    let _ = follower.wait();
}
