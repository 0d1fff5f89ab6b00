//! Looks up the supervisor or service that a statement names.

use crate::domain::config::Named;
use crate::domain::refusal::{Code, Error};
use crate::statement::Request;

pub fn supervisor(request: &Request<'_>) -> Result<Named, Error> {
    let name = request.name("supervisor");
    match request.snapshot.supervisor(name)? {
        Some(named) => Ok(named),
        None => Err(request.unknown(Code::UnknownSupervisor, "supervisor", name)?.at("supervisor").into()),
    }
}

pub fn service(request: &Request<'_>) -> Result<Named, Error> {
    let name = request.name("service");
    match request.snapshot.service(name)? {
        Some(named) => Ok(named),
        None => Err(request.unknown(Code::UnknownService, "service", name)?.at("service").into()),
    }
}
