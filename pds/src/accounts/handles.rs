//! Which handles accounts may have (Identity, handles).

use arobase::{
    identity::{Freshness, HandleError},
    syntax::{Did, Handle},
};
use http::StatusCode;

use crate::{error::Error, pds::Inner, settings::Settings};

/// How long the label of a handle under one of our domains may be.
const LABEL: std::ops::RangeInclusive<usize> = 3..=18;
/// Names that look like they were the server's, one a line.
const RESERVED: &str = include_str!("reserved.txt");

/// Under whose domain a handle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Domain {
    /// One of the server's: the server says where it leads.
    Ours,
    /// Somebody else's: it has to lead to the account that takes it.
    Elsewhere,
}

impl Settings {
    /// What stands before the domain in a handle under one of ours.
    pub(crate) fn hosted_name<'a>(&self, handle: &'a Handle) -> Option<&'a str> {
        let handle = handle.as_str();
        self.handle_domains.iter().find_map(|domain| {
            let (name, end) = handle.split_at_checked(handle.len().checked_sub(domain.len())?)?;
            (!name.is_empty() && end.eq_ignore_ascii_case(domain)).then_some(name)
        })
    }
}

impl Inner {
    /// Checks a handle that an account wants, as far as that can be said without asking anybody; under whose domain it
    /// is. 400 `InvalidHandle`, or `HandleNotAvailable` for a reserved name.
    pub(crate) fn check_handle(&self, handle: &Handle) -> Result<Domain, Error> {
        self.check_usable(handle)?;
        let Some(name) = self.settings.hosted_name(handle) else { return Ok(Domain::Elsewhere) };
        check_name(&name.to_ascii_lowercase())?;
        Ok(Domain::Ours)
    }

    /// Checks what holds for the handles of all accounts, whoever made them.
    pub(crate) fn check_usable(&self, handle: &Handle) -> Result<(), Error> {
        if !handle.is_valid() || handle.is_invalid_marker() {
            return Err(invalid("this is not a handle"));
        }
        if handle.has_disallowed_tld() || (handle.has_test_tld() && !self.settings.development) {
            return Err(invalid("no account has handles under this top-level domain"));
        }
        Ok(())
    }

    /// Checks that a handle under somebody else's domain leads to a DID, as of now.
    pub(crate) async fn check_leads_to(&self, handle: &Handle, did: &Did) -> Result<(), Error> {
        match self.resolver.named(handle, Freshness::Fresh).await {
            Ok(found) if found == *did => Ok(()),
            Ok(_) => Err(invalid("the handle leads to another DID")),
            Err(error) => Err(unresolved(&error)),
        }
    }
}

fn unresolved(error: &HandleError) -> Error {
    match error.is_permanent() {
        true => invalid(error.to_string()),
        false => Error::new(StatusCode::BAD_GATEWAY, "UpstreamFailure", error.to_string()),
    }
}

/// Checks a name under one of our domains.
fn check_name(name: &str) -> Result<(), Error> {
    if name.contains('.') {
        return Err(invalid("a handle here has one label before the domain of the server"));
    }
    if !LABEL.contains(&name.len()) {
        return Err(invalid("a handle here has 3 to 18 characters before the domain of the server"));
    }
    if RESERVED.lines().any(|reserved| reserved == name) {
        return Err(Error::named("HandleNotAvailable", "the name is reserved"));
    }
    Ok(())
}

fn invalid(message: impl Into<String>) -> Error {
    Error::named("InvalidHandle", message)
}
