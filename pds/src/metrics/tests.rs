use http::{Method, StatusCode};

use super::*;

fn line(text: &str, name: &str) -> String {
    text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name} is not in\n{text}")).to_owned()
}

#[test]
fn requests_are_counted_by_method_and_status() {
    let metrics = Metrics::default();
    for status in [200, 200, 400] {
        metrics.answered("com.atproto.sync.getRepo", status, Duration::from_millis(2));
    }
    let text = metrics.to_text();
    let name = r#"arobase_pds_requests_total{method="com.atproto.sync.getRepo",status="200"}"#;
    assert_eq!(line(&text, name), format!("{name} 2"));
    let name = r#"arobase_pds_request_duration_seconds_count{method="com.atproto.sync.getRepo"}"#;
    assert_eq!(line(&text, name), format!("{name} 3"));
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn strangers_cannot_make_labels() {
    let label = |verb, path, status| method_label(&verb, path, StatusCode::from_u16(status).unwrap());
    assert_eq!(label(Method::GET, "/xrpc/COM.atproto.sync.getRepo/", 200), "com.atproto.sync.getRepo");
    assert_eq!(label(Method::GET, "/xrpc/com.example.stranger", 501), "unknown");
    assert_eq!(label(Method::OPTIONS, "/xrpc/com.example.stranger", 204), "preflight");
    assert_eq!(label(Method::GET, "/xrpc/%2e", 400), "unknown");
    assert_eq!(label(Method::GET, "/xrpc/_health", 200), "_health");
    assert_eq!(label(Method::GET, "/wp-admin", 404), "web");
    let metrics = Metrics::default();
    for n in 0..2_000 {
        metrics.answered(&format!("com.example.m{n}"), 200, Duration::ZERO);
    }
    let methods = metrics.to_text().lines().filter(|line| line.starts_with("arobase_pds_requests_total")).count();
    assert!(methods <= 513, "{methods}");
}

#[test]
fn accounts_and_files_are_told() {
    let metrics = Metrics::default();
    metrics.counted(&Census { active: 3, takendown: 1, ..Census::default() });
    metrics.watch_file("manifest", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").into());
    metrics.numbers.measure(7, 2, 9);
    let text = metrics.to_text();
    for expected in [
        r#"arobase_pds_accounts{state="active"} 3"#,
        r#"arobase_pds_accounts{state="takendown"} 1"#,
        "arobase_pds_firehose_head 7",
        "arobase_pds_firehose_subscribers 2",
        "arobase_pds_firehose_frames_total 9",
    ] {
        assert_eq!(line(&text, expected), expected);
    }
    assert!(!line(&text, r#"arobase_pds_file_bytes{file="manifest"}"#).ends_with(" 0"));
}
