//! The keys of the configuration.

/// A key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// Its name in the file, with the section before it.
    pub(super) name: &'static str,
    /// What holds without it.
    pub(super) default: &'static str,
    /// What it says.
    pub(super) help: &'static str,
}

const fn key(name: &'static str, default: &'static str, help: &'static str) -> Key {
    Key { name, default, help }
}

/// All keys, in the order in which they are shown.
pub(super) const KEYS: &[Key] = &[
    key("url", "`http://localhost:` and the port", "Where the server is reached. `https://` makes it a public one"),
    key("development", "whether `url` is `http://`", "Plain http, local addresses and `.test` handles are fine"),
    key("did", "`did:web:` and the host of `url`", "The DID of the server"),
    key("listen", "`127.0.0.1:2583`", "Where it listens; port 0 takes one that is free"),
    key("data", "`data`", "The folder of everything that is kept"),
    key("proxies", "0", "How many proxies stand before it, whose `X-Forwarded-For` is believed"),
    key("connections", "10000", "The most connections at a time, without subscriptions"),
    key("grace", "`30s`", "How long requests may go on when it is asked to end"),
    key("handle_domains", "a dot and the host; development: `.test`", "Domains under which accounts get handles"),
    key("sign_ups", "`closed`; development: `open`", "Who may create accounts over HTTP: `open` or `closed`"),
    key("contact_email", "", "How operators can be reached"),
    key("privacy_policy", "", "The URL of the privacy policy"),
    key("terms_of_service", "", "The URL of the terms of service"),
    key("admin.password", "", "The password of operators over HTTP (user `admin`)"),
    key("admin.password_file", "", "The file that holds it"),
    key("admin.token", "", "One bearer token that may do what operators may"),
    key("admin.token_file", "", "The file that holds it"),
    key("plc.directory", "`https://plc.directory`; development: `embedded`", "The PLC directory: a URL or `embedded`"),
    key("plc.listen", "`127.0.0.1:2582`", "Where the embedded directory listens; `off` for nowhere"),
    key("keys.encryption", "", "Keys that encrypt the keys of accounts: the first encrypts, all decrypt"),
    key("keys.encryption_file", "", "The file that holds them, one in a line"),
    key("repos.import_limit", "`1GiB`", "The most bytes of a repository that is imported"),
    key("repos.collections", "all", "Collections that can be written and are listed"),
    key(
        "repos.exports",
        "`everybody`",
        "Who may get whole repositories: `everybody`, or `newcomers`, those of new ones",
    ),
    key("repos.export_token", "", "The bearer token that gets them all the same"),
    key("repos.export_token_file", "", "The file that holds it"),
    key("blobs.limit", "`50MiB`", "The most bytes of a blob"),
    key("blobs.temporary", "`6h`", "How long an upload may wait for a record; at least `1h`"),
    key("blobs.folder", "`data`", "The folder in which the folder `blobs` is"),
    key("blobs.s3.bucket", "", "The bucket of the blobs, in place of a folder"),
    key("blobs.s3.endpoint", "that of AWS", "Where an S3-compatible store is reached"),
    key("blobs.s3.region", "`us-east-1`", "Its region"),
    key("blobs.s3.prefix", "", "What keys in the bucket begin with"),
    key("blobs.s3.path_style", "true", "Whether the bucket is part of the path, and not of the host"),
    key("blobs.s3.access_key", "", "The ID of the access key"),
    key("blobs.s3.secret_key", "", "The secret of the access key"),
    key("blobs.s3.secret_key_file", "", "The file that holds it"),
    key("events.retention", "`72h`", "How long events stay in the log"),
    key("events.rollback", "no limit", "The most events of the past that a subscriber gets"),
    key("events.preload", "4000", "How many of the latest events are kept in memory"),
    key("events.preload_size", "`64MiB`", "The most bytes that these take"),
    key("events.per_client", "16", "The most subscriptions of one address"),
    key("relays.urls", "none", "Relays that are told of the server"),
    key("relays.interval", "`20m`", "The least time between two notices to a relay"),
    key("lexicons.resolve", "true", "Whether lexicons that are not built in are looked for in the network"),
    key("database.durable", "true", "Whether what was written survives the loss of power"),
    key("database.group", "128", "The most commits that become durable together"),
    key("database.cache", "`8MiB`", "The page cache of each connection"),
    key("metrics.enabled", "false; development on loopback: true", "Whether `/metrics` is served"),
    key("metrics.token", "", "The bearer token that it wants"),
    key("metrics.token_file", "", "The file that holds it"),
    key("log.format", "`text`", "`text` or `json`"),
    key("log.level", "`info`", "`error`, `warn`, `info`, `debug`, `trace`, or directives as `RUST_LOG` has them"),
];

/// What the names of variables begin with.
pub(super) const PREFIX: &str = "AROBASE_PDS_";

impl Key {
    /// The variable that stands for it.
    pub(super) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.name.replace('.', "_").to_ascii_uppercase())
    }
}
