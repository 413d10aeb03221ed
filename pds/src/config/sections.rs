//! The configuration, section by section. What is missing or wrong has a stand-in, so that everything else is looked
//! at too.

mod network;
mod parts;

use std::{net::SocketAddr, time::Duration};

use super::{Config, local_url, raw::Place, reader::Reader, value::Value};
use crate::settings::{Settings, SignUps};

/// The port of a server that nobody told another one.
const PORT: u16 = 2583;

/// The configuration; `None` only if there is a fault.
pub(super) fn config(reader: &mut Reader) -> Option<Config> {
    let listen = reader.or("listen", SocketAddr::from(([127, 0, 0, 1], PORT)));
    let data = reader.or("data", std::path::PathBuf::from("data"));
    let settings = settings(reader, listen)?;
    let (plc, token) = (network::plc(reader, settings.development), reader.secret("admin.token", "admin.token_file"));
    let keys: Vec<super::value::Key> = reader.keys("keys.encryption", "keys.encryption_file");
    let connections = reader.within("connections", 10_000, 1..=1_000_000u64);
    Some(Config {
        connections: usize::try_from(connections).ok()?,
        grace: reader.within("grace", Duration::from_secs(30), Duration::from_secs(1)..=Duration::from_secs(3600)),
        plc,
        encryption: keys.into_iter().map(|key| key.0).collect(),
        token,
        blobs: parts::blobs(reader, &data),
        database: parts::database(reader),
        log: parts::log(reader),
        url_follows: !reader.has("url"),
        held: Vec::new(),
        settings,
        listen,
        data,
    })
}

fn settings(reader: &mut Reader, listen: SocketAddr) -> Option<Settings> {
    let mut settings = reached(reader, listen)?;
    settings.development = reader.or("development", settings.url.starts_with("http://"));
    if !settings.development && settings.url.starts_with("http://") && reader.has("url") {
        reader.fault("url", "a server that is not for development needs https://");
    }
    if let Some(did) = reader.optional("did") {
        settings.did = did;
    } else {
        reader.hold("did", settings.did.show(), Place::Default);
    }
    settings.proxies = number(reader.within("proxies", 0, 0..=16u64));
    accounts(reader, &mut settings);
    parts::repos(reader, &mut settings);
    network::events(reader, &mut settings);
    settings.metrics = parts::metrics(reader, settings.development && listen.ip().is_loopback());
    settings.resolve_lexicons = reader.or("lexicons.resolve", true);
    Some(settings)
}

/// The defaults of a server that is reached where the configuration says.
fn reached(reader: &mut Reader, listen: SocketAddr) -> Option<Settings> {
    let port = if listen.port() == 0 { PORT } else { listen.port() };
    let local = local_url(port);
    if !reader.has("url") {
        reader.hold("url", format!("{local:?}"), Place::Default);
    }
    let given = reader.made("url", Settings::new);
    // A URL that is wrong was complained of; with another one the rest can be looked at.
    given.or_else(|| Settings::new(&local).ok())
}

fn accounts(reader: &mut Reader, settings: &mut Settings) {
    let development = settings.development;
    settings.handle_domains = handle_domains(reader, settings);
    let words = [("open", SignUps::Open), ("closed", SignUps::Closed)];
    let usual = if development { words[0] } else { words[1] };
    if !reader.has("sign_ups") {
        reader.hold("sign_ups", format!("{:?}", usual.0), Place::Default);
    }
    settings.sign_ups = reader.choice("sign_ups", usual.1, &words);
    settings.contact_email = reader.optional("contact_email");
    settings.privacy_policy = reader.made("privacy_policy", network::web_url);
    settings.terms_of_service = reader.made("terms_of_service", network::web_url);
    settings.admin_password = reader.secret("admin.password", "admin.password_file");
}

fn handle_domains(reader: &mut Reader, settings: &Settings) -> Vec<Box<str>> {
    const NAME: &str = "handle_domains";
    let host = settings.host().split(':').next().unwrap_or_default();
    let usual = if settings.development { ".test".to_owned() } else { format!(".{host}") };
    let domains = reader.or(NAME, vec![usual.into_boxed_str()]);
    let domains: Vec<Box<str>> = domains.into_iter().map(|domain| domain.to_ascii_lowercase().into()).collect();
    for domain in &domains {
        if let Err(what) = check_domain(domain, settings.development) {
            reader.fault(NAME, &what);
        }
    }
    domains
}

/// Names of which no handle can be, in production at least.
const RESERVED: [&str; 9] =
    [".alt", ".arpa", ".example", ".internal", ".invalid", ".local", ".localhost", ".onion", ".test"];

fn check_domain(domain: &str, development: bool) -> Result<(), String> {
    let Some(name) = domain.strip_prefix('.') else {
        return Err(format!("{domain:?} must begin with a dot"));
    };
    if format!("a.{name}").parse::<arobase::syntax::Handle>().is_err() {
        return Err(format!("{domain:?} makes no handles"));
    }
    let reserved = RESERVED.iter().find(|reserved| domain.ends_with(**reserved));
    match reserved {
        Some(reserved) if !development => Err(format!("no handle may end in {reserved:?}")),
        _ => Ok(()),
    }
}

fn number(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
