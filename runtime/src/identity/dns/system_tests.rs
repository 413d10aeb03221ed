use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use hickory_proto::{
    op::ResponseCode,
    rr::{RData, RecordType, rdata::TXT},
};

use super::{Dns, DnsError, SystemDns};
use crate::identity::testing::{DnsServer, Question, Reply, record, txt};

/// Enough for an answer on this machine.
const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(10);

async fn ask_txt(script: impl Fn(&Question) -> Reply + Send + Sync + 'static) -> Result<Vec<String>, DnsError> {
    let server = DnsServer::start(script).await;
    server.dns(LONG).txt("_atproto.alice.example.com").await
}

async fn ask_addresses(
    host: &str,
    script: impl Fn(&Question) -> Reply + Send + Sync + 'static,
) -> Result<Vec<String>, DnsError> {
    let server = DnsServer::start(script).await;
    let found = server.dns(LONG).addresses(host).await?;
    assert!(found.iter().all(|address| address.port() == 0), "a port is for the URL to say");
    Ok(found.into_iter().map(|address| address.ip().to_string()).collect())
}

fn only(kind: RecordType, records: &'static [&'static str]) -> impl Fn(&Question) -> Reply + Send + Sync + 'static {
    move |question| {
        let records = if question.kind == kind { records } else { &[] };
        Reply::Records(records.iter().map(|address| question.address(address)).collect())
    }
}

#[tokio::test]
async fn records_are_joined_from_their_parts_and_kept_apart_from_each_other() {
    let found = ask_txt(|question| {
        Reply::Records(vec![question.txt(&["did=did:", "", "web:a.exam", "ple"]), question.txt(&["v=spf1"])])
    });
    assert_eq!(found.await.unwrap(), ["did=did:web:a.example", "v=spf1"]);
}

#[tokio::test]
async fn the_name_is_asked_for_as_it_is_without_search_domains_and_once() {
    let server = DnsServer::start(|_| Reply::NoSuchName).await;
    assert_eq!(server.dns(LONG).txt("_atproto.alice.example.com").await, Err(DnsError::NotFound));
    let question =
        Question { name: "_atproto.alice.example.com".to_owned(), kind: RecordType::TXT, over_tcp: false, before: 0 };
    assert_eq!(server.asked(), [question]);
}

#[tokio::test]
async fn no_name_and_no_records_are_not_found() {
    assert_eq!(ask_txt(|_| Reply::NoSuchName).await, Err(DnsError::NotFound));
    assert_eq!(ask_txt(|_| Reply::Records(Vec::new())).await, Err(DnsError::NotFound));
    assert_eq!(ask_txt(|question| Reply::Records(vec![question.address("8.8.8.8")])).await, Err(DnsError::NotFound));
}

#[tokio::test]
async fn servers_that_fail_are_not_taken_for_absence() {
    for code in [ResponseCode::ServFail, ResponseCode::Refused, ResponseCode::NotImp, ResponseCode::FormErr] {
        let fault = ask_txt(move |_| Reply::Code(code)).await.unwrap_err();
        assert!(matches!(fault, DnsError::Failed(_)), "{code}: {fault:?}");
        let fault = ask_addresses("pds.example.com", move |_| Reply::Code(code)).await.unwrap_err();
        assert!(matches!(fault, DnsError::Failed(_)), "{code}: {fault:?}");
    }
}

#[tokio::test]
async fn silence_ends_with_the_time_of_the_whole_look_up() {
    let server = DnsServer::start(|_| Reply::Silence).await;
    let dns = server.dns(SHORT);
    let start = Instant::now();
    assert_eq!(dns.txt("_atproto.alice.example.com").await, Err(DnsError::Timeout));
    assert_eq!(dns.addresses("alice.example.com").await, Err(DnsError::Timeout));
    assert!(start.elapsed() < 2 * SHORT + Duration::from_secs(1), "{:?}", start.elapsed());
}

#[tokio::test]
async fn an_answer_that_is_cut_short_is_asked_for_again_over_tcp() {
    let found = ask_txt(|question| match question.over_tcp {
        false => Reply::Truncated,
        true => Reply::Records(vec![question.txt(&["did=did:web:a.example"])]),
    });
    assert_eq!(found.await.unwrap(), ["did=did:web:a.example"]);
}

#[tokio::test]
async fn an_answer_that_is_cut_short_over_tcp_too_is_a_failure() {
    let fault = ask_txt(|_| Reply::Truncated).await.unwrap_err();
    assert!(matches!(fault, DnsError::Failed(_)), "{fault:?}");
}

#[tokio::test]
async fn many_records_are_taken_up_to_a_bound_and_no_further() {
    let many = |count: usize| {
        ask_txt(move |question| match question.over_tcp {
            false => Reply::Truncated,
            true => Reply::Records((0..count).map(|at| question.txt(&[&format!("record {at}")])).collect()),
        })
    };
    assert_eq!(many(128).await.unwrap().len(), 128);
    assert_eq!(many(129).await, Err(DnsError::Failed("too many records".into())));
    assert_eq!(many(900).await, Err(DnsError::Failed("too many records".into())));
}

#[tokio::test]
async fn answers_to_other_questions_are_not_heard() {
    let server = DnsServer::start(|question| Reply::Elsewhere(vec![question.txt(&["did=did:web:evil.example"])])).await;
    assert_eq!(server.dns(SHORT).txt("_atproto.alice.example.com").await, Err(DnsError::Timeout));
}

#[tokio::test]
async fn records_of_other_names_are_not_believed() {
    let evil = || txt("_atproto.evil.example", &["did=did:web:evil.example"]);
    assert_eq!(ask_txt(move |_| Reply::Records(vec![evil()])).await, Err(DnsError::NotFound));
    let found = ask_txt(move |question| Reply::Records(vec![evil(), question.txt(&["good"]), evil()])).await;
    assert_eq!(found.unwrap(), ["good"]);
}

#[tokio::test]
async fn garbage_is_never_an_answer() {
    for rest in [&b""[..], b"\x81", b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\xc0\x0c\xc0\x0c", &[0xff; 600]] {
        let server = DnsServer::start(move |_| Reply::Garbage(rest.to_vec())).await;
        let fault = server.dns(SHORT).txt("_atproto.alice.example.com").await.unwrap_err();
        assert!(matches!(fault, DnsError::Failed(_) | DnsError::Timeout), "{fault:?}");
    }
}

#[tokio::test]
async fn what_is_no_utf8_is_a_record_that_cannot_be_read() {
    let found = ask_txt(|question| {
        let odd = RData::TXT(TXT::from_bytes(vec![b"did=\xff"]));
        Reply::Records(vec![record(&question.name, odd), question.txt(&["good"])])
    });
    assert_eq!(found.await.unwrap(), ["did=\u{fffd}", "good"]);
}

#[tokio::test]
async fn a_cname_is_followed_in_the_answer_and_beyond_it() {
    let found = ask_txt(|question| {
        Reply::Records(vec![question.cname("txt.other.example"), txt("txt.other.example", &["at once"])])
    });
    assert_eq!(found.await.unwrap(), ["at once"]);
    let found = ask_txt(|question| match question.name.as_str() {
        "a.other.example" => Reply::Records(vec![question.cname("b.other.example")]),
        "b.other.example" => Reply::Records(vec![question.txt(&["in the end"])]),
        _ => Reply::Records(vec![question.cname("a.other.example")]),
    });
    assert_eq!(found.await.unwrap(), ["in the end"]);
}

#[tokio::test]
async fn cnames_in_a_circle_end() {
    for circle in [true, false] {
        let fault = ask_txt(move |question| {
            let here = if circle { question.name.as_str() } else { "b.other.example" };
            Reply::Records(vec![question.cname(if question.name == here { "a.other.example" } else { here })])
        });
        let fault = fault.await.unwrap_err();
        assert!(matches!(fault, DnsError::NotFound | DnsError::Failed(_)), "{fault:?}");
    }
}

#[tokio::test]
async fn nothing_is_remembered() {
    let server = DnsServer::start(|question| {
        if question.before == 0 {
            return Reply::NoSuchName;
        }
        Reply::Records(vec![question.txt(&[&question.before.to_string()])])
    })
    .await;
    let dns = server.dns(LONG);
    assert_eq!(dns.txt("alice.example.com").await, Err(DnsError::NotFound));
    assert_eq!(dns.txt("alice.example.com").await.unwrap(), ["1"]);
    assert_eq!(dns.txt("alice.example.com").await.unwrap(), ["2"]);
}

#[tokio::test]
async fn addresses_come_from_both_families() {
    let both = ask_addresses("pds.example.com", |question| {
        let address = if question.kind == RecordType::A { "8.8.8.8" } else { "2606:4700::1111" };
        Reply::Records(vec![question.address(address)])
    });
    let mut both = both.await.unwrap();
    both.sort();
    assert_eq!(both, ["2606:4700::1111", "8.8.8.8"]);
    assert_eq!(ask_addresses("pds.example.com", only(RecordType::A, &["8.8.8.8"])).await.unwrap(), ["8.8.8.8"]);
    assert_eq!(ask_addresses("pds.example.com", only(RecordType::AAAA, &["2606::1"])).await.unwrap(), ["2606::1"]);
    assert_eq!(ask_addresses("pds.example.com", |_| Reply::NoSuchName).await, Err(DnsError::NotFound));
}

#[tokio::test]
async fn a_family_that_fails_or_is_silent_does_not_stop_the_other() {
    for bad in [Reply::Silence, Reply::Code(ResponseCode::ServFail), Reply::NoSuchName] {
        let start = Instant::now();
        let found = ask_addresses("pds.example.com", move |question| match question.kind {
            RecordType::A => Reply::Records(vec![question.address("8.8.8.8")]),
            _ => bad.clone(),
        });
        assert_eq!(found.await.unwrap(), ["8.8.8.8"]);
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn no_more_than_eight_addresses_of_a_family_are_tried() {
    let found = ask_addresses("pds.example.com", |question| {
        let ours = question.kind == RecordType::A;
        let all = (1..=if ours { 20 } else { 0 }).map(|last| question.address(&format!("8.8.8.{last}")));
        Reply::Records(all.collect())
    });
    assert_eq!(found.await.unwrap().len(), 8);
}

#[tokio::test]
async fn localhost_is_this_machine_and_nobody_is_asked() {
    let server = DnsServer::start(|question| Reply::Records(vec![question.address("8.8.8.8")])).await;
    for host in ["localhost", "LOCALHOST.", "pds.localhost"] {
        let found = server.dns(LONG).addresses(host).await.unwrap();
        assert!(!found.is_empty() && found.iter().all(|address| address.ip().is_loopback()), "{host}: {found:?}");
    }
    assert_eq!(server.asked(), []);
}

#[tokio::test]
async fn what_is_no_name_is_not_asked_for() {
    let server = DnsServer::start(|question| Reply::Records(vec![question.txt(&["x"])])).await;
    let long = format!("{}.example", ["a"; 124].join("."));
    for name in ["", ".", "a..b", "a b", "a\\046b", "ä.example", "a/b", &"a".repeat(64), &long] {
        let fault = server.dns(LONG).txt(name).await.unwrap_err();
        assert!(matches!(fault, DnsError::Failed(_)), "{name}: {fault:?}");
    }
    assert_eq!(server.asked(), []);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_failure() {
    let nobody = {
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.local_addr().unwrap()
    };
    let dns = SystemDns::with_servers(&[nobody], SHORT).unwrap();
    let fault = dns.txt("_atproto.alice.example.com").await.unwrap_err();
    assert!(matches!(fault, DnsError::Failed(_) | DnsError::Timeout), "{fault:?}");
}

#[tokio::test]
async fn another_server_answers_for_one_that_is_not_there() {
    let server = DnsServer::start(|question| Reply::Records(vec![question.txt(&["here"])])).await;
    let nobody: SocketAddr = "127.0.0.1:1".parse().unwrap();
    let dns = SystemDns::with_servers(&[nobody, server.address()], LONG).unwrap();
    assert_eq!(dns.txt("alice.example.com").await.unwrap(), ["here"]);
}

#[tokio::test]
async fn a_bound_without_end_is_cut_rather_than_added_up() {
    let server = DnsServer::start(|question| Reply::Records(vec![question.txt(&["here"])])).await;
    assert_eq!(server.dns(Duration::MAX).txt("alice.example.com").await.unwrap(), ["here"]);
}

#[test]
fn no_servers_are_an_error() {
    assert!(SystemDns::with_servers(&[], LONG).is_err());
}
