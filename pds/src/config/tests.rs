use std::ffi::OsString;

use super::*;
use crate::settings::{ExportPolicy, MetricsPolicy, SignUps};

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Config::parse(Path::new("pds.toml"), text, variables).map_err(|error| error.to_string())
}

fn faults(text: &str, variables: &[(&str, &str)]) -> String {
    read(text, variables).expect_err("there are mistakes")
}

#[test]
fn nothing_at_all_is_a_server_for_development() {
    let config = read("", &[]).unwrap();
    let settings = &config.settings;
    assert_eq!((&*settings.url, settings.did.as_str()), ("http://localhost:2583", "did:web:localhost%3A2583"));
    assert!(settings.development);
    assert_eq!((settings.sign_ups, &settings.metrics), (SignUps::Open, &MetricsPolicy::Everybody));
    assert_eq!(settings.handle_domains, [".test".into()]);
    assert_eq!((config.listen.to_string(), config.data.as_path()), ("127.0.0.1:2583".into(), Path::new("data")));
    assert_eq!(config.plc, Plc::Embedded("127.0.0.1:2582".parse().ok()));
    assert_eq!(config.blobs, ObjectPlace::Folder("data".into()));
}

#[test]
fn the_url_of_a_public_server_is_all_that_it_needs() {
    let config = read(r#"url = "https://pds.example.com""#, &[]).unwrap();
    let settings = &config.settings;
    assert_eq!(settings.did.as_str(), "did:web:pds.example.com");
    assert!(!settings.development);
    assert_eq!((settings.sign_ups, &settings.metrics), (SignUps::Closed, &MetricsPolicy::Off));
    assert_eq!(settings.handle_domains, [".pds.example.com".into()]);
    assert_eq!(config.plc, Plc::Remote("https://plc.directory".into()));
}

#[test]
fn without_a_url_it_follows_the_port() {
    let config = read(r#"listen = "127.0.0.1:0""#, &[]).unwrap();
    let settings = config.settings_on(4711);
    assert_eq!((&*settings.url, settings.did.as_str()), ("http://localhost:4711", "did:web:localhost%3A4711"));
    let config = read("listen = '127.0.0.1:0'\nurl = 'http://pds.test:99'", &[]).unwrap();
    assert_eq!(&*config.settings_on(4711).url, "http://pds.test:99");
    let config = read("listen = '127.0.0.1:3000'", &[]).unwrap();
    assert_eq!(&*config.settings.url, "http://localhost:3000");
}

#[test]
fn a_variable_overrules_the_file() {
    let file = "sign_ups = 'open'\nproxies = 1\n[events]\nretention = '24h'\n";
    let variables = [
        ("AROBASE_PDS_SIGN_UPS", "closed"),
        ("AROBASE_PDS_EVENTS_RETENTION", "48h"),
        ("AROBASE_PDS_HANDLE_DOMAINS", ".one.test, .two.test"),
        ("AROBASE_PDS_METRICS_ENABLED", "false"),
        ("AROBASE_PDS_EVENTS_PRELOAD", "7"),
    ];
    let settings = read(file, &variables).unwrap().settings;
    assert_eq!((settings.sign_ups, settings.proxies, settings.preload), (SignUps::Closed, 1, 7));
    assert_eq!(settings.retention, Duration::from_secs(48 * 3600));
    assert_eq!(settings.handle_domains, [".one.test".into(), ".two.test".into()]);
    assert_eq!(settings.metrics, MetricsPolicy::Off);
}

#[test]
fn everything_can_be_said_in_sections() {
    let file = r#"
        url = "https://pds.example.com"
        handle_domains = [".example.com"]
        [admin]
        password = "a secret"
        [repos]
        exports = "newcomers"
        export_token = "another secret"
        collections = ["app.bsky.feed.post"]
        [relays]
        urls = ["relay.example.com", "https://other.example.com/"]
        [blobs]
        limit = "100MB"
        s3 = { bucket = "blobs", access_key = "key", secret_key = "a third secret", region = "eu-1" }
        [metrics]
        token = "a fourth secret"
        [log]
        format = "json"
    "#;
    let config = read(file, &[]).unwrap();
    let settings = &config.settings;
    assert_eq!(settings.admin_password.as_deref(), Some("a secret"));
    assert_eq!(settings.exports, ExportPolicy::Newcomers { token: Some("another secret".into()) });
    assert_eq!(settings.crawlers, ["https://relay.example.com".into(), "https://other.example.com".into()]);
    assert_eq!(settings.blob_limit, 100_000_000);
    assert_eq!(settings.metrics, MetricsPolicy::Token("a fourth secret".into()));
    assert!(matches!(&config.blobs, ObjectPlace::S3(s3) if &*s3.region == "eu-1" && s3.endpoint.is_none()));
    assert!(config.log.json);
    for shown in [format!("{config:?}"), config.to_string(), format!("{settings:?} {:?}", config.blobs)] {
        assert!(!shown.contains("secret\"") && !shown.contains("a secret"), "{shown}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let file = r#"url = "http://pds.example.com/path"
listen = "2583"
proxies = -1
handle_domain = [".example.com"]
handle_domains = ["example.com", ".under_score.com"]

[blobs]
limit = "50 megabytes"
temporary = "10m"
retention = "1h"

[event]
retention = 72

[plc]
directory = "plc.directory"

[repos]
export_token = "secret"
collections = ["app.bsky.feed.post", "post"]

[keys]
encryption = ["c2hvcnQ="]

[log]
format = "xml"
level = "pds=loud"
"#;
    let variables =
        [("AROBASE_PDS_SIGN_UPS", "yes"), ("AROBASE_PDS_EVENTS_PRELOD", "1"), ("AROBASE_PDS_METRICS_ENABLED", "1")];
    assert_eq!(faults(file, &variables), MISTAKES);
}

const MISTAKES: &str = r#"pds.toml:1: `url`: not the address of a server, which is http:// or https:// and a host
pds.toml:2: `listen` must be an address with a port such as "127.0.0.1:2583", not "2583"
pds.toml:3: `proxies` must be a whole number, not -1
pds.toml:4: there is no key `handle_domain`; is it `handle_domains`?
pds.toml:5: `handle_domains`: "example.com" must begin with a dot
pds.toml:5: `handle_domains`: ".under_score.com" makes no handles
pds.toml:8: `blobs.limit` must be a size such as "50MiB", not "50 megabytes"
pds.toml:9: `blobs.temporary`: it must be "1h" to "365d"
pds.toml:10: there is no key `blobs.retention`; is it `events.retention`?
pds.toml:12: there is no key `event`; is it `events`?
pds.toml:16: `plc.directory`: it must be a URL with http:// or https://
pds.toml:19: `repos.export_token`: it means nothing while `repos.exports` is "everybody"
pds.toml:20: `repos.collections` must be a list of NSIDs such as ["app.bsky.feed.post"], not ["app.bsky.feed.post", "post"]
pds.toml:23: `keys.encryption` must be a list of keys, each 32 bytes in base64 or hexadecimal
pds.toml:26: `log.format`: it must be "text" or "json"
pds.toml:27: `log.level`: error parsing level filter: expected one of "off", "error", "warn", "info", "debug", "trace", or a number 0-5
AROBASE_PDS_EVENTS_PRELOD: there is no such variable; is it AROBASE_PDS_EVENTS_PRELOAD?
AROBASE_PDS_METRICS_ENABLED: `metrics.enabled` must be true or false, not "1"
AROBASE_PDS_SIGN_UPS: `sign_ups`: it must be "open" or "closed""#;

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let told = faults("", &[("AROBASE_PDS_ADMIN_PASSWORD_FILE", "no/such/file")]);
    assert!(told.starts_with("AROBASE_PDS_ADMIN_PASSWORD_FILE: `admin.password_file`: no/such/file: "), "{told}");
    assert!(
        Config::load(Some(Path::new("no/such/file.toml"))).unwrap_err().to_string().starts_with("no/such/file.toml: ")
    );
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    let told = faults("url = 'http://localhost'\nlisten = \n", &[]);
    assert!(told.starts_with("pds.toml:2: "), "{told}");
}

#[test]
fn a_public_server_is_held_to_more() {
    let told = faults("development = false\nurl = 'http://pds.example.com'\nhandle_domains = ['.test']", &[]);
    assert_eq!(
        told,
        "pds.toml:2: `url`: a server that is not for development needs https://\n\
         pds.toml:3: `handle_domains`: no handle may end in \".test\""
    );
    let told = faults("url = 'https://pds.example.com'\nmetrics.enabled = true", &[]);
    assert_eq!(told, "pds.toml:2: `metrics.enabled`: numbers that strangers can reach need `metrics.token`");
}

#[test]
fn a_bucket_wants_its_key_and_a_key_its_bucket() {
    let told = faults("blobs.s3.bucket = 'b'\nblobs.folder = 'f'", &[]);
    assert_eq!(
        told,
        "pds.toml:2: `blobs.folder`: blobs are in `blobs.s3.bucket`\n\
         `blobs.s3.access_key`: it is missing\n`blobs.s3.secret_key`: it is missing"
    );
    assert_eq!(faults("blobs.s3.access_key = 'a'", &[]), "`blobs.s3.bucket`: it is missing");
}

#[test]
fn secrets_come_from_files_too() {
    let folder = std::env::temp_dir().join(format!("arobase-pds-config-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (password, keys) = (folder.join("password"), folder.join("keys"));
    std::fs::write(&password, "hunter2\n").unwrap();
    std::fs::write(&keys, format!("{}\n\n{}\n", "00".repeat(32), "11".repeat(32))).unwrap();
    let file = format!(
        "admin.password_file = {:?}\nkeys.encryption_file = {:?}\n",
        password.to_str().unwrap(),
        keys.to_str().unwrap()
    );
    let config = read(&file, &[]);
    std::fs::write(&keys, "00").unwrap();
    let told = faults(&file, &[("AROBASE_PDS_ADMIN_PASSWORD", "other")]);
    std::fs::remove_dir_all(&folder).unwrap();
    let config = config.unwrap();
    assert_eq!(config.settings.admin_password.as_deref(), Some("hunter2"));
    assert_eq!(config.encryption, [[0; 32], [0x11; 32]]);
    assert!(told.contains("pds.toml:1: `admin.password` and `admin.password_file` are both given"), "{told}");
    assert!(told.contains("pds.toml:2: `keys.encryption_file`: each line must be"), "{told}");
}

#[test]
fn what_holds_is_shown_with_where_it_comes_from() {
    let variables = [("AROBASE_PDS_ADMIN_PASSWORD", "hunter2")];
    let shown = read("events.retention = '120m'\n", &variables).unwrap().to_string();
    let lines: Vec<_> = shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in [
        "url = \"http://localhost:2583\" # default",
        "events.retention = \"2h\" # line 1",
        "admin.password = (hidden) # AROBASE_PDS_ADMIN_PASSWORD",
        "blobs.limit = \"50MiB\" # default",
        "log.level = \"info\" # default",
    ] {
        assert!(lines.contains(&line.to_owned()), "{line} is not in\n{shown}");
    }
}

#[test]
fn what_is_shown_can_be_read_again() {
    let text =
        "proxies = 2\nblobs.limit = 12345\nevents.retention = '90m'\nrelays.urls = ['https://relay.example.com']";
    let shown = read(text, &[]).unwrap().to_string();
    let again = read(&shown, &[]).unwrap();
    let values = |shown: &str| -> Vec<_> {
        shown.lines().map(|line| line.split('#').next().unwrap().trim().to_owned()).collect()
    };
    assert_eq!(values(&again.to_string()), values(&shown));
}

#[test]
fn no_two_keys_share_a_variable() {
    let variables: std::collections::BTreeSet<_> = keys::KEYS.iter().map(keys::Key::variable).collect();
    assert_eq!(variables.len(), keys::KEYS.len());
}

#[test]
fn the_readme_tells_of_every_key() {
    let readme = include_str!("../../README.md");
    for key in keys::KEYS {
        let default = if key.default.is_empty() { "" } else { key.default };
        let row = format!("| `{}` | {default} | {} |", key.name, key.help);
        assert!(readme.contains(&row), "{row}");
    }
}
