//! How a server behaves.

use std::{fmt, time::Duration};

use arobase::syntax::{Did, Nsid};

/// How a server behaves. Everything has a default but where it is reached.
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Where the server is reached, without a slash at the end: `https://pds.example.com`.
    pub url: Box<str>,
    /// The DID of the server: `did:web:` and its host, unless said otherwise.
    pub did: Did,
    /// Domains under which accounts get handles, each with the dot before it: `.example.com`.
    pub handle_domains: Vec<Box<str>>,
    /// Whether this is a server for development: plain http, local addresses, `.test` handles.
    pub development: bool,
    /// Who may create accounts over HTTP.
    pub sign_ups: SignUps,
    /// How operators can be reached, for `describeServer`.
    pub contact_email: Option<Box<str>>,
    /// For `describeServer`.
    pub privacy_policy: Option<Box<str>>,
    /// For `describeServer`.
    pub terms_of_service: Option<Box<str>>,
    /// The password of operators (HTTP Basic, user `admin`); without one they have no access over HTTP.
    pub admin_password: Option<Box<str>>,
    /// The most bytes of a blob. Default: 50 MiB.
    pub blob_limit: u64,
    /// The most bytes of a repository that is imported. Default: 1 GiB.
    pub import_limit: u64,
    /// How long an upload may wait for a record that refers to it. Default: 6 hours; at least 1.
    pub temporary_blobs: Duration,
    /// How long events stay in the log. Default: 72 hours.
    pub retention: Duration,
    /// The most events that a subscriber can get of the past, whatever the log has. Default: no limit.
    pub rollback: Option<u64>,
    /// How many of the latest events are kept in memory, for subscribers that are a little behind. Default: 4,000.
    pub preload: usize,
    /// The most bytes that these events take. Default: 64 MiB.
    pub preload_bytes: usize,
    /// Collections that can be written and are listed. Default: all.
    pub collections: Option<Vec<Nsid>>,
    /// Who may get whole repositories. Default: everybody.
    pub exports: ExportPolicy,
    /// Relays that are told of this server.
    pub crawlers: Vec<Box<str>>,
    /// The least time between two notices to a relay. Default: 20 minutes.
    pub crawl_interval: Duration,
    /// Whether lexicons that are not built in are looked for in the network. Default: yes.
    pub resolve_lexicons: bool,
    /// How many proxies stand before the server, whose `X-Forwarded-For` is believed. Default: 0.
    pub proxies: usize,
    /// The most subscriptions of one address. Default: 16.
    pub subscriptions_per_client: usize,
    /// Who may see the numbers for operators at `/metrics`. Default: nobody.
    pub metrics: MetricsPolicy,
}

/// Who may see the numbers for operators.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetricsPolicy {
    /// Nobody: there is no such page.
    #[default]
    Off,
    /// Whoever reaches the server.
    Everybody,
    /// Those who bring this as `Authorization: Bearer`.
    Token(Box<str>),
}

/// Who may create accounts over HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignUps {
    /// Everybody.
    Open,
    /// Nobody but operators.
    #[default]
    Closed,
}

/// Who may get whole repositories (`getRepo`, `getCheckout`).
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportPolicy {
    /// Everybody.
    #[default]
    Everybody,
    /// Everybody for repositories of accounts that are younger than 12 hours; for others, those who bring the token.
    Newcomers {
        /// What `Authorization: Bearer` has to carry; without one nobody gets others.
        token: Option<Box<str>>,
    },
}

impl Settings {
    /// The defaults for a server that is reached under a URL, which must have no path.
    ///
    /// # Errors
    /// What is wrong with the URL, in words.
    pub fn new(url: &str) -> Result<Self, String> {
        let url = url.trim_end_matches('/');
        let host = host_of(url)?;
        // Ports are part of a did:web with their colon escaped.
        let did = format!("did:web:{}", host.replace(':', "%3A"));
        let did = did.parse().map_err(|error| format!("the host makes no DID: {error}"))?;
        Ok(Self {
            url: url.into(),
            did,
            handle_domains: Vec::new(),
            development: false,
            sign_ups: SignUps::default(),
            contact_email: None,
            privacy_policy: None,
            terms_of_service: None,
            admin_password: None,
            blob_limit: 50 << 20,
            import_limit: 1 << 30,
            temporary_blobs: Duration::from_secs(6 * 60 * 60),
            retention: Duration::from_secs(72 * 60 * 60),
            rollback: None,
            preload: 4_000,
            preload_bytes: 64 << 20,
            collections: None,
            exports: ExportPolicy::default(),
            crawlers: Vec::new(),
            crawl_interval: Duration::from_secs(20 * 60),
            resolve_lexicons: true,
            proxies: 0,
            subscriptions_per_client: 16,
            metrics: MetricsPolicy::Off,
        })
    }

    /// The host, with its port if it has one.
    #[must_use]
    pub fn host(&self) -> &str {
        host_of(&self.url).unwrap_or_default()
    }
}

/// Without secrets.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, did, handle_domains, development, sign_ups, .. } = self;
        f.debug_struct("Settings")
            .field("url", url)
            .field("did", did)
            .field("handle_domains", handle_domains)
            .field("development", development)
            .field("sign_ups", sign_ups)
            .finish_non_exhaustive()
    }
}

/// Without the token.
impl fmt::Debug for MetricsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "Off",
            Self::Everybody => "Everybody",
            Self::Token(_) => "Token",
        })
    }
}

/// Without the token.
impl fmt::Debug for ExportPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Everybody => "Everybody",
            Self::Newcomers { token: None } => "Newcomers",
            Self::Newcomers { token: Some(_) } => "Newcomers with a token",
        })
    }
}

fn host_of(url: &str) -> Result<&str, String> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@']) => Ok(host),
        // What stands there may have a password in it.
        _ => Err("not the address of a server, which is http:// or https:// and a host".into()),
    }
}
