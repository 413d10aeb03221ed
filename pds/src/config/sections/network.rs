//! The directory, events and relays.

use std::{net::SocketAddr, time::Duration};

use super::number;
use crate::{
    config::{
        Plc,
        raw::Place,
        reader::Reader,
        value::{Size, Value},
    },
    settings::Settings,
};

const PUBLIC: &str = "https://plc.directory";
const EMBEDDED: &str = "embedded";

pub(in crate::config) fn plc(reader: &mut Reader, development: bool) -> Plc {
    let usual = if development { EMBEDDED } else { PUBLIC };
    if !reader.has("plc.directory") {
        reader.hold("plc.directory", format!("{usual:?}"), Place::Default);
    }
    let directory = reader.made("plc.directory", |text| if text == EMBEDDED { Ok(text.into()) } else { web_url(text) });
    match directory.as_deref().unwrap_or(usual) {
        EMBEDDED => Plc::Embedded(plc_listen(reader)),
        url => {
            if reader.has("plc.listen") {
                reader.fault("plc.listen", "it is for an embedded directory");
            }
            Plc::Remote(url.trim_end_matches('/').into())
        }
    }
}

fn plc_listen(reader: &mut Reader) -> Option<SocketAddr> {
    const NAME: &str = "plc.listen";
    let usual = SocketAddr::from(([127, 0, 0, 1], 2582));
    if !reader.has(NAME) {
        reader.hold(NAME, usual.show(), Place::Default);
        return Some(usual);
    }
    let read = |text: &str| match text {
        "off" => Ok(None),
        text => text.parse().map(Some).map_err(|_| format!("it must be {} or \"off\"", SocketAddr::WHAT)),
    };
    reader.made(NAME, read).flatten()
}

pub(in crate::config) fn events(reader: &mut Reader, settings: &mut Settings) {
    const HOUR: Duration = Duration::from_secs(3600);
    const YEAR: Duration = Duration::from_secs(366 * 24 * 3600);
    const MINUTE: Duration = Duration::from_secs(60);
    settings.retention = reader.within("events.retention", settings.retention, HOUR..=YEAR);
    settings.rollback = reader.optional("events.rollback");
    settings.preload = number(reader.within("events.preload", settings.preload as u64, 0..=10_000_000u64));
    let bytes = Size(settings.preload_bytes as u64);
    settings.preload_bytes = number(reader.within("events.preload_size", bytes, Size(0)..=Size(1 << 40)).0);
    let most = settings.subscriptions_per_client as u64;
    settings.subscriptions_per_client = number(reader.within("events.per_client", most, 1..=100_000u64));
    let relays: Vec<Box<str>> = reader.or("relays.urls", Vec::new());
    settings.crawlers = relays.iter().filter_map(|relay| relay_url(reader, relay)).collect();
    settings.crawl_interval = reader.within("relays.interval", settings.crawl_interval, MINUTE..=HOUR * 24);
}

/// A host alone is reached over TLS.
fn relay_url(reader: &mut Reader, relay: &str) -> Option<Box<str>> {
    let url = if relay.contains("://") { relay.to_owned() } else { format!("https://{relay}") };
    match web_url(&url) {
        Ok(url) => Some(url.trim_end_matches('/').into()),
        Err(what) => {
            reader.fault("relays.urls", &what);
            None
        }
    }
}

/// A URL of the web. Names and passwords have no place in one.
pub(in crate::config) fn web_url(text: &str) -> Result<Box<str>, String> {
    let wrong = || "it must be a URL with http:// or https://".to_owned();
    let uri: http::Uri = text.parse().map_err(|_| wrong())?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    if is_web && !has_user && uri.host().is_some_and(|host| !host.is_empty()) { Ok(text.into()) } else { Err(wrong()) }
}
