//! What the server says of itself.

use arobase::com::atproto::server::describe_server::{Contact, Links, Output};

use crate::settings::Settings;

pub(super) fn output(settings: &Settings) -> Output {
    let domains: Vec<String> = settings.handle_domains.iter().map(ToString::to_string).collect();
    let mut output = Output::new(settings.did.clone(), domains);
    output.invite_code_required = Some(false);
    output.phone_verification_required = Some(false);
    output.blob_upload_limit = i64::try_from(settings.blob_limit).ok();
    // What the operator wrote and is no URL is left out.
    let uri = |text: &Option<Box<str>>| text.as_deref().and_then(|text| text.parse().ok());
    let (privacy_policy, terms_of_service) = (uri(&settings.privacy_policy), uri(&settings.terms_of_service));
    output.links = Some(Links { privacy_policy, terms_of_service, ..Links::default() });
    let email = settings.contact_email.as_deref().map(str::to_owned);
    output.contact = Some(Contact { email, ..Contact::default() });
    output
}
