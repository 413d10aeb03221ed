//! Repositories, blobs, the database, the log, numbers.

use std::{path::Path, time::Duration};

use super::number;
use crate::{
    blobs::ObjectPlace,
    config::{
        Log,
        raw::Place,
        reader::Reader,
        value::{Size, Value},
    },
    settings::{ExportPolicy, MetricsPolicy, Settings},
    store::SqliteOptions,
};

pub(in crate::config) fn repos(reader: &mut Reader, settings: &mut Settings) {
    const HOUR: Duration = Duration::from_secs(3600);
    let most = Size(1 << 40);
    settings.import_limit = reader.within("repos.import_limit", Size(settings.import_limit), Size(1 << 20)..=most).0;
    settings.collections = reader.optional("repos.collections").filter(|list: &Vec<_>| !list.is_empty());
    settings.exports = exports(reader);
    settings.blob_limit = reader.within("blobs.limit", Size(settings.blob_limit), Size(1)..=most).0;
    settings.temporary_blobs = reader.within("blobs.temporary", settings.temporary_blobs, HOUR..=HOUR * 24 * 365);
}

fn exports(reader: &mut Reader) -> ExportPolicy {
    let token = reader.secret("repos.export_token", "repos.export_token_file");
    if !reader.has("repos.exports") {
        reader.hold("repos.exports", "\"everybody\"".into(), Place::Default);
    }
    if reader.choice("repos.exports", false, &[("everybody", false), ("newcomers", true)]) {
        return ExportPolicy::Newcomers { token };
    }
    if token.is_some() {
        reader.fault("repos.export_token", "it means nothing while `repos.exports` is \"everybody\"");
    }
    ExportPolicy::Everybody
}

pub(in crate::config) fn metrics(reader: &mut Reader, is_local: bool) -> MetricsPolicy {
    let token = reader.secret("metrics.token", "metrics.token_file");
    // Whoever sets a token wants numbers.
    let enabled = reader.or("metrics.enabled", is_local || token.is_some());
    match token {
        _ if !enabled => MetricsPolicy::Off,
        Some(token) => MetricsPolicy::Token(token),
        None => {
            if !is_local {
                reader.fault("metrics.enabled", "numbers that strangers can reach need `metrics.token`");
            }
            MetricsPolicy::Everybody
        }
    }
}

pub(in crate::config) fn blobs(reader: &mut Reader, data: &Path) -> ObjectPlace {
    let bucket = Bucket::read(reader);
    match bucket.name {
        Some(_) => bucket.check(reader).place(reader),
        None => {
            if bucket.is_begun {
                reader.fault("blobs.s3.bucket", "it is missing");
            }
            ObjectPlace::Folder(reader.or("blobs.folder", data.to_owned()))
        }
    }
}

/// What there is on a bucket.
struct Bucket {
    name: Option<Box<str>>,
    endpoint: Option<Box<str>>,
    region: Box<str>,
    prefix: Option<Box<str>>,
    access_key: Option<Box<str>>,
    secret_key: Option<Box<str>>,
    path_style: bool,
    /// Whether there is anything.
    is_begun: bool,
}

impl Bucket {
    fn read(reader: &mut Reader) -> Self {
        let names = ["endpoint", "region", "prefix", "access_key", "secret_key", "secret_key_file", "path_style"];
        let is_begun = names.iter().any(|name| reader.has(&format!("blobs.s3.{name}")));
        Self {
            name: reader.optional("blobs.s3.bucket"),
            endpoint: reader.made("blobs.s3.endpoint", super::network::web_url),
            region: reader.optional("blobs.s3.region").unwrap_or_else(|| "us-east-1".into()),
            prefix: reader.optional("blobs.s3.prefix"),
            access_key: reader.optional("blobs.s3.access_key"),
            secret_key: reader.secret("blobs.s3.secret_key", "blobs.s3.secret_key_file"),
            path_style: reader.optional("blobs.s3.path_style").unwrap_or(true),
            is_begun,
        }
    }

    fn check(self, reader: &mut Reader) -> Self {
        if reader.has("blobs.folder") {
            reader.fault("blobs.folder", "blobs are in `blobs.s3.bucket`");
        }
        for (name, given) in [("blobs.s3.access_key", &self.access_key), ("blobs.s3.secret_key", &self.secret_key)] {
            if given.is_none() && !reader.has("blobs.s3.secret_key_file") {
                reader.fault(name, "it is missing");
            }
        }
        self
    }

    #[cfg(feature = "s3")]
    fn place(self, _: &mut Reader) -> ObjectPlace {
        let (name, key, secret) = (self.name, self.access_key, self.secret_key);
        let (name, key, secret) = (name.unwrap_or_default(), key.unwrap_or_default(), secret.unwrap_or_default());
        let mut bucket = crate::blobs::S3Bucket::new(name, self.region, key, secret);
        bucket.allow_http = self.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        (bucket.endpoint, bucket.prefix, bucket.path_style) = (self.endpoint, self.prefix, self.path_style);
        ObjectPlace::S3(bucket)
    }

    #[cfg(not(feature = "s3"))]
    fn place(self, reader: &mut Reader) -> ObjectPlace {
        let Self { endpoint: _endpoint, region: _region, prefix: _prefix, path_style: _path_style, .. } = self;
        reader.fault("blobs.s3.bucket", "this program was built without support for S3");
        ObjectPlace::Memory
    }
}

pub(in crate::config) fn database(reader: &mut Reader) -> SqliteOptions {
    let mut options = SqliteOptions::default();
    options.durable = reader.or("database.durable", options.durable);
    options.group = number(reader.within("database.group", options.group as u64, 1..=10_000u64));
    let cache = Size(options.cache as u64);
    options.cache = number(reader.within("database.cache", cache, Size(64 << 10)..=Size(1 << 36)).0);
    options
}

pub(in crate::config) fn log(reader: &mut Reader) -> Log {
    if !reader.has("log.format") {
        reader.hold("log.format", "\"text\"".into(), Place::Default);
    }
    let json = reader.choice("log.format", false, &[("text", false), ("json", true)]);
    let check = |text: &str| {
        let parsed = text.parse::<tracing_subscriber::EnvFilter>();
        parsed.map(|_| text.into()).map_err(|error| error.to_string())
    };
    if !reader.has("log.level") {
        reader.hold("log.level", "info".to_owned().into_boxed_str().show(), Place::Default);
    }
    Log { json, level: reader.made("log.level", check).unwrap_or_else(|| "info".into()) }
}
