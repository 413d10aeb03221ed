//! The page for people who find a server where they expected a site.

use std::fmt::Write;

use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};

use super::harden;
use crate::{
    pds::Pds,
    settings::{Settings, SignUps},
};

pub(super) async fn page(State(pds): State<Pds>) -> Response {
    let mut answer = Html(html(pds.settings())).into_response();
    harden(&mut answer);
    answer
}

fn html(settings: &Settings) -> String {
    let host = escaped(settings.host());
    let sign_ups = match settings.sign_ups {
        SignUps::Open => "Anybody may create an account here with an AT Protocol app.",
        SignUps::Closed => "Accounts are created by the operator.",
    };
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<title>{host}</title>\n<h1>{host}</h1>\n<p>This is a personal data server of \
         the <a href=\"https://atproto.com\">AT Protocol</a>: it keeps the accounts and repositories of its users, and \
         apps read and write them under <code>/xrpc/</code>.</p>\n<p>{sign_ups}</p>\n<ul>\n\
         <li><a href=\"https://atproto.com/guides/overview\">About the protocol</a></li>\n\
         <li><a href=\"/xrpc/com.atproto.server.describeServer\">What this server offers</a></li>\n"
    );
    for (name, url) in [("Privacy policy", &settings.privacy_policy), ("Terms of service", &settings.terms_of_service)]
    {
        if let Some(url) = url.as_deref().filter(|url| url.starts_with("http")) {
            list(&mut page, name, url);
        }
    }
    if let Some(email) = &settings.contact_email {
        list(&mut page, "Write to the operator", &format!("mailto:{email}"));
    }
    page += concat!("</ul>\n<p><small>arobase-pds ", env!("CARGO_PKG_VERSION"), "</small></p>\n</html>\n");
    page
}

fn list(page: &mut String, name: &str, url: &str) {
    let written = writeln!(page, "<li><a href=\"{}\">{name}</a></li>", escaped(url));
    debug_assert!(written.is_ok(), "writing into a text does not fail");
}

/// As text or in an attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c => out.push(c),
        }
    }
    out
}
