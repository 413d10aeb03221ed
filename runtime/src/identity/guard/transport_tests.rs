use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};

use super::{AddressPolicy, PublicTransport};
use crate::{
    client::{Transport, TransportError},
    identity::{
        DnsError,
        testing::{Answer, Authority, DnsServer, Names, Reply, WebServer},
    },
    xrpc::Body,
};

const HOST: &str = "pds.example.com";

async fn get(transport: &PublicTransport, url: &str) -> Result<Response<Body>, TransportError> {
    transport.send(Request::get(url).body(Body::default()).unwrap()).await
}

async fn text(answer: Response<Body>) -> Bytes {
    answer.into_body().collect(1 << 20).await.unwrap()
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// A server for [`HOST`], and the authority behind it.
async fn server() -> (Authority, WebServer) {
    let authority = Authority::new();
    let names = [HOST, "other.example.com", "127.0.0.1"];
    let server = WebServer::https(&authority, &names, |_| Answer::text(200, "hello")).await;
    (authority, server)
}

/// As in production, but for the root.
fn public(names: &Names, authority: &Authority) -> PublicTransport {
    PublicTransport::with_root(Arc::new(names.clone()), AddressPolicy::Public, authority.root()).unwrap()
}

/// The same, with one server that stands for a public one.
fn reaching(names: &Names, authority: &Authority, server: &WebServer) -> PublicTransport {
    PublicTransport::for_test(Arc::new(names.clone()), &[server.address()], authority.root()).unwrap()
}

#[tokio::test]
async fn a_request_goes_to_the_address_that_dns_gave_over_tls() {
    let (authority, server) = server().await;
    let names = Names::new().host(HOST, &[server.address()]);
    let answer = get(&reaching(&names, &authority, &server), "https://pds.example.com/x?y=1").await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(text(answer).await, "hello");
    let asked = server.asked().remove(0);
    assert_eq!((asked.path.as_str(), asked.header("host")), ("/x?y=1", Some(HOST)));
    for header in ["referer", "cookie", "accept-encoding", "authorization"] {
        assert_eq!(asked.header(header), None, "{header}");
    }
}

#[tokio::test]
async fn a_port_in_the_url_goes_before_that_of_dns() {
    let (authority, server) = server().await;
    let names = Names::new().host(HOST, &[local(9)]);
    let url = format!("https://{HOST}:{}/", server.address().port());
    let any = PublicTransport::with_root(Arc::new(names), AddressPolicy::Any, authority.root()).unwrap();
    assert_eq!(text(get(&any, &url).await.unwrap()).await, "hello");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let (authority, server) = server().await;
    let names = Names::new().host("wrong.example.com", &[server.address()]);
    let fault = get(&reaching(&names, &authority, &server), "https://wrong.example.com/").await.unwrap_err();
    assert!(fault.is_connect() && !fault.is_no_such_host() && !fault.is_forbidden(), "{fault:?}");
    assert_eq!((server.accepted(), server.asked().len()), (1, 0));
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let (_, server) = server().await;
    let names = Names::new().host(HOST, &[server.address()]);
    let fault = get(&reaching(&names, &Authority::new(), &server), "https://pds.example.com/").await.unwrap_err();
    assert!(fault.is_connect(), "{fault:?}");
    assert_eq!((server.accepted(), server.asked().len()), (1, 0));
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_forbidden_and_nothing_connects() {
    let (authority, server) = server().await;
    let names = Names::new().host(HOST, &[server.address()]);
    let fault = get(&public(&names, &authority), "https://pds.example.com/").await.unwrap_err();
    assert!(fault.is_forbidden() && fault.is_connect(), "{fault:?}");
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn of_the_addresses_of_a_host_only_those_are_tried_that_may_be_reached() {
    let (authority, good) = server().await;
    let (_, private) = server().await;
    let names = Names::new().host(HOST, &[private.address(), good.address(), private.address()]);
    let answer = get(&reaching(&names, &authority, &good), "https://pds.example.com/").await.unwrap();
    assert_eq!(text(answer).await, "hello");
    assert_eq!((good.accepted(), private.accepted()), (1, 0));
}

#[tokio::test]
async fn addresses_in_the_place_of_names_are_judged_however_they_are_spelt() {
    let (authority, server) = server().await;
    let transport = public(&Names::new(), &authority);
    let port = server.address().port();
    for host in [
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.01",
        "017700000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:7f00:0001]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "0.0.0.0",
        "0",
        "10.0.0.1",
        "[fd00::1]",
        "[fe80::1]",
    ] {
        let fault = get(&transport, &format!("https://{host}:{port}/")).await.unwrap_err();
        assert!(fault.is_forbidden(), "{host}: {fault:?}");
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn names_of_this_machine_are_forbidden_too() {
    let (authority, server) = server().await;
    let dns = DnsServer::start(|_| Reply::NoSuchName).await.dns(Duration::from_secs(5));
    let transport = PublicTransport::with_root(Arc::new(dns), AddressPolicy::Public, authority.root()).unwrap();
    for host in ["localhost", "LOCALHOST", "localhost.", "a.localhost"] {
        let fault = get(&transport, &format!("https://{host}:{}/", server.address().port())).await.unwrap_err();
        assert!(fault.is_forbidden(), "{host}: {fault:?}");
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_judged_anew_for_each_connection() {
    let (authority, good) = server().await;
    let (_, private) = server().await;
    let names = Names::new().host(HOST, &[good.address()]).host(HOST, &[private.address()]);
    let transport = reaching(&names, &authority, &good);
    assert_eq!(text(get(&transport, "https://pds.example.com/").await.unwrap()).await, "hello");
    assert_eq!(names.asked(), [HOST], "one look-up, whose answer was judged and connected to");
    for _ in 0..3 {
        assert!(get(&transport, "https://pds.example.com/").await.unwrap_err().is_forbidden());
    }
    assert_eq!((good.accepted(), private.accepted()), (1, 0));
}

/// The name server says a public address first (one that nobody has), and this machine from then on.
#[tokio::test]
async fn dns_that_rebinds_a_name_to_this_machine_gains_no_connection() {
    let (authority, private) = server().await;
    let server = DnsServer::start(|question| {
        use hickory_proto::rr::RecordType;
        let address = match (question.kind, question.before) {
            (RecordType::AAAA, 0) => "2d00::1",
            (RecordType::A, 1..) => "127.0.0.1",
            _ => return Reply::Records(Vec::new()),
        };
        Reply::Records(vec![question.address(address)])
    })
    .await;
    let dns = Arc::new(server.dns(Duration::from_secs(5)));
    let transport = PublicTransport::with_root(dns, AddressPolicy::Public, authority.root()).unwrap();
    let url = format!("https://{HOST}:{}/", private.address().port());

    let first = tokio::time::timeout(Duration::from_secs(2), get(&transport, &url)).await;
    assert!(first.map_or(true, |first| !first.unwrap_err().is_forbidden()), "a public address is tried");
    assert_eq!(server.asked().len(), 2, "one look-up for each family, and none after the judgement");
    for _ in 0..3 {
        assert!(get(&transport, &url).await.unwrap_err().is_forbidden());
    }
    assert_eq!(private.accepted(), 0);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_cookies_are_forgotten() {
    let authority = Authority::new();
    let server = WebServer::https(&authority, &[HOST], |_| {
        let rest = "Set-Cookie: a=b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        Answer::raw(format!("HTTP/1.1 302 There\r\nLocation: https://127.0.0.1/\r\n{rest}"))
    })
    .await;
    let names = Names::new().host(HOST, &[server.address()]);
    let transport = reaching(&names, &authority, &server);
    for _ in 0..2 {
        let answer = get(&transport, "https://pds.example.com/").await.unwrap();
        assert_eq!(answer.status(), StatusCode::FOUND);
        assert_eq!(answer.headers()[header::LOCATION], "https://127.0.0.1/");
    }
    assert!(server.asked().iter().all(|asked| asked.header("cookie").is_none()));
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn plain_http_is_for_development() {
    let server = WebServer::http(|_| Answer::text(200, "plain")).await;
    let names = Names::new().host(HOST, &[server.address()]);
    let authority = Authority::new();
    for transport in [public(&names, &authority), reaching(&names, &authority, &server)] {
        let fault = get(&transport, "http://pds.example.com/").await.unwrap_err();
        assert!(fault.is_forbidden(), "{fault:?}");
    }
    assert_eq!(server.accepted(), 0);
    let any = PublicTransport::new(Arc::new(names), AddressPolicy::Any).unwrap();
    assert_eq!(text(get(&any, "http://pds.example.com/").await.unwrap()).await, "plain");
    let literal = format!("http://{}/", server.address());
    assert_eq!(text(get(&any, &literal).await.unwrap()).await, "plain");
}

#[tokio::test]
async fn hosts_that_do_not_exist_are_told_from_dns_that_fails() {
    let authority = Authority::new();
    let fault = get(&public(&Names::new(), &authority), "https://nobody.example.com/").await.unwrap_err();
    assert!(fault.is_no_such_host() && fault.is_connect(), "{fault:?}");
    let empty = Names::new().host(HOST, &[]);
    assert!(get(&public(&empty, &authority), "https://pds.example.com/").await.unwrap_err().is_no_such_host());
    for error in [DnsError::Timeout, DnsError::Failed("broken".into())] {
        let names = Names::new().host_fails(HOST, error);
        let fault = get(&public(&names, &authority), "https://pds.example.com/").await.unwrap_err();
        assert!(fault.is_connect() && !fault.is_no_such_host() && !fault.is_forbidden(), "{fault:?}");
    }
}

#[tokio::test]
async fn a_closed_port_is_no_connection() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let names = Names::new().host(HOST, &[address]);
    let transport = PublicTransport::for_test(Arc::new(names), &[address], Authority::new().root()).unwrap();
    let fault = get(&transport, "https://pds.example.com/").await.unwrap_err();
    assert!(fault.is_connect() && !fault.is_no_such_host() && !fault.is_forbidden(), "{fault:?}");
}

/// TCP comes about, TLS does not.
#[tokio::test]
async fn a_handshake_that_stalls_ends_with_the_time_for_connecting() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let names = Names::new().host(HOST, &[address]);
    let transport = PublicTransport::for_test(Arc::new(names), &[address], Authority::new().root()).unwrap();
    let start = Instant::now();
    let fault = get(&transport, "https://pds.example.com/").await.unwrap_err();
    assert!(fault.is_connect(), "{fault:?}");
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}

#[tokio::test]
async fn errors_do_not_tell_the_url() {
    let (authority, server) = server().await;
    let names = Names::new().host(HOST, &[server.address()]).host("other.example.com", &[local(1)]);
    let transport = reaching(&names, &authority, &server);
    for url in [
        "https://nobody.example.com/secret?token=secret",
        "https://other.example.com/secret?token=secret",
        "https://127.0.0.1/secret?token=secret",
        "http://pds.example.com/secret?token=secret",
    ] {
        let fault = get(&transport, url).await.unwrap_err();
        let mut said = format!("{fault} {fault:?}");
        let mut next = std::error::Error::source(&fault);
        while let Some(error) = next {
            said += &format!(" {error} {error:?}");
            next = error.source();
        }
        assert!(!said.contains("secret") && !said.contains("example.com"), "{said}");
    }
}

#[tokio::test]
async fn a_root_has_to_be_a_certificate() {
    let made = PublicTransport::with_root(Arc::new(Names::new()), AddressPolicy::Public, b"no certificate");
    assert!(made.is_err());
}
