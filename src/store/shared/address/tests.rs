//! Tests of addresses and password files.

use super::*;

fn refused(text: &str) -> String {
    match LogAddress::read(text) {
        Ok(_) => panic!("{text} is accepted"),
        Err(fault) => fault.message,
    }
}

#[test]
fn a_server_elsewhere_is_always_checked() {
    let tls = |text: &str| LogAddress::read(text).map(|address| address.tls.is_some()).unwrap();
    assert!(tls("postgres://anna@db.example.com/desk"));
    assert!(tls("postgres://anna@localhost,db.example.com/desk"));
    assert!(!tls("postgres://anna@localhost/desk"));
    assert!(tls("postgres://anna@localhost/desk?sslmode=verify-full"));
    assert!(!tls("postgres://anna@db.example.com/desk?sslmode=disable"));
    for mode in ["allow", "prefer", "require", "verify-ca"] {
        assert_eq!(
            refused(&format!("postgres://anna@db.example.com/desk?sslmode={mode}")),
            format!("sslmode={mode} does not check who the server is")
        );
    }
}

#[test]
fn an_address_is_refused_with_its_reason() {
    assert_eq!(refused("desk.db"), "the address of the shared log must begin with postgres://");
    assert_eq!(
        refused("postgres://anna:secret@db/desk"),
        "the address of the shared log contains a password, which everybody can see"
    );
    assert_eq!(refused("postgres://anna@db"), "the address of the shared log names no database");
    assert_eq!(
        refused("postgres://anna@db/desk?sslrootcert=%2Fno%2Fsuch%20file"),
        "cannot read /no/such file: I/O error: No such file or directory (os error 2)"
    );
}

#[test]
fn a_line_of_a_password_file_fits_or_does_not() {
    let about = ["db", "5432", "desk", "anna"];
    for (line, password) in [
        ("db:5432:desk:anna:secret", Some("secret")),
        ("*:*:*:anna:with:colons", Some("with:colons")),
        (r"*:*:*:*:a\:b\\c", Some(r"a:b\c")),
        ("db:5433:desk:anna:secret", None),
        ("db:5432:desk:bob:secret", None),
        ("# db:5432:desk:anna:secret", None),
        ("", None),
        ("db:5432:desk:anna", None),
    ] {
        assert_eq!(password_of(line, about).as_deref(), password, "{line}");
    }
}
