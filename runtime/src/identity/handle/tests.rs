//! Which answer counts, and what the combinations of answers are called.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use arobase_lexicon::syntax::{Did, Handle};
use futures_util::future::join_all;
use hickory_proto::op::ResponseCode;

use super::{HandleError, HandleResolver};
use crate::identity::{
    Dns, DnsError, FetchError, PublicTransport,
    testing::{Answer, Asked, Authority, DnsServer, Names, Question, Reply, Split, WebServer},
};

pub(super) const HANDLE: &str = "alice.example.com";
const NAME: &str = "_atproto.alice.example.com";
const FROM_DNS: &str = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";
pub(super) const FROM_HOST: &str = "did:web:pds.example.com";
const SHORT: Duration = Duration::from_millis(400);
/// Enough for a whole exchange on a busy machine.
const ENOUGH: Duration = Duration::from_millis(1500);

/// A resolver over DNS of this test and a server on this machine, which stands for the public host of the handle.
pub(super) struct Place {
    pub(super) authority: Authority,
    pub(super) server: WebServer,
}

impl Place {
    pub(super) async fn new(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let authority = Authority::new();
        let server = WebServer::https(&authority, &[HANDLE], script).await;
        Self { authority, server }
    }

    pub(super) fn names(&self) -> Names {
        Names::new().host(HANDLE, &[self.server.address()])
    }

    pub(super) fn resolver(&self, dns: impl Dns + 'static) -> HandleResolver {
        let dns: Arc<dyn Dns> = Arc::new(dns);
        let besides = [self.server.address()];
        let transport = PublicTransport::for_test(Arc::clone(&dns), &besides, self.authority.root()).unwrap();
        HandleResolver::new(dns, Arc::new(transport))
    }
}

pub(super) fn handle(text: &str) -> Handle {
    text.parse().unwrap()
}

fn did(text: &str) -> Did {
    text.parse().unwrap()
}

fn record(did: &str) -> String {
    format!("did={did}")
}

/// What comes of TXT records beside a host that answers.
async fn beside_host(answer: Answer, records: &[&str]) -> Result<Did, HandleError> {
    let place = Place::new(move |_| answer.clone()).await;
    place.resolver(place.names().txt(NAME, records)).resolve(&handle(HANDLE)).await
}

async fn beside_failure(answer: Answer, error: DnsError) -> Result<Did, HandleError> {
    let place = Place::new(move |_| answer.clone()).await;
    place.resolver(place.names().txt_fails(NAME, error)).resolve(&handle(HANDLE)).await
}

fn good() -> Answer {
    Answer::text(200, FROM_HOST)
}

#[tokio::test]
async fn dns_alone_suffices() {
    for answer in [Answer::text(404, ""), Answer::text(500, ""), Answer::text(200, "rubbish"), Answer::silence()] {
        assert_eq!(beside_host(answer, &[&record(FROM_DNS)]).await.unwrap(), did(FROM_DNS));
    }
}

#[tokio::test]
async fn the_host_alone_suffices() {
    assert_eq!(beside_host(good(), &[]).await.unwrap(), did(FROM_HOST));
    assert_eq!(beside_failure(good(), DnsError::NotFound).await.unwrap(), did(FROM_HOST));
}

#[tokio::test]
async fn dns_counts_more_than_the_host_even_if_it_is_later() {
    assert_eq!(beside_host(good(), &[&record(FROM_DNS)]).await.unwrap(), did(FROM_DNS));
    let place = Place::new(|_| good()).await;
    let dns = place.names().txt_after(NAME, ENOUGH, &[&record(FROM_DNS)]);
    assert_eq!(place.resolver(dns).resolve(&handle(HANDLE)).await.unwrap(), did(FROM_DNS));
    assert_eq!(place.server.asked().len(), 1, "both were asked");
}

#[tokio::test]
async fn different_dids_in_dns_end_it_whatever_the_host_says() {
    let records = [record(FROM_DNS), record("did:plc:z72i7hdynmk6r22z27h6tvur")];
    for answer in [good(), Answer::text(200, FROM_DNS), Answer::silence()] {
        let fault = beside_host(answer, &[&records[0], &records[1]]).await.unwrap_err();
        assert!(matches!(fault, HandleError::Ambiguous) && fault.is_permanent(), "{fault:?}");
    }
}

#[tokio::test]
async fn what_dns_says_and_is_no_did_leaves_it_to_the_host() {
    let bad = ["did=", "did=nonsense", "did= did:plc:ewvi7nxzyoun6zhxrhs64oiz"];
    for value in bad {
        assert_eq!(beside_host(good(), &[value]).await.unwrap(), did(FROM_HOST));
        assert_eq!(beside_host(good(), &[&record(FROM_DNS), value]).await.unwrap(), did(FROM_HOST));
    }
    let fault = beside_host(Answer::text(404, ""), &bad).await.unwrap_err();
    assert!(matches!(fault, HandleError::NotADid), "{fault:?}");
}

#[tokio::test]
async fn dns_that_cannot_be_asked_leaves_it_to_the_host() {
    for error in [DnsError::Timeout, DnsError::Failed("broken".into())] {
        assert_eq!(beside_failure(good(), error).await.unwrap(), did(FROM_HOST));
    }
}

#[tokio::test]
async fn nothing_anywhere_is_not_found() {
    for answer in [Answer::text(404, ""), Answer::text(410, FROM_HOST)] {
        let fault = beside_host(answer, &["v=spf1 -all"]).await.unwrap_err();
        assert!(matches!(fault, HandleError::NotFound) && fault.is_permanent(), "{fault:?}");
    }
    let place = Place::new(|_| good()).await;
    let fault = place.resolver(Names::new()).resolve(&handle(HANDLE)).await.unwrap_err();
    assert!(matches!(fault, HandleError::NotFound), "no such host: {fault:?}");
    assert_eq!(place.server.accepted(), 0);
}

#[tokio::test]
async fn absence_is_not_concluded_from_a_failure() {
    let fault = beside_failure(Answer::text(404, ""), DnsError::Timeout).await.unwrap_err();
    assert!(matches!(fault, HandleError::Failed { dns: Some(DnsError::Timeout), http: None }), "{fault:?}");
    assert!(!fault.is_permanent());
    let fault = beside_failure(Answer::text(200, "rubbish"), DnsError::Timeout).await.unwrap_err();
    assert!(matches!(fault, HandleError::Failed { dns: Some(_), http: None }), "{fault:?}");
    for status in [400, 401, 403, 429, 500, 503] {
        let fault = beside_host(Answer::text(status, FROM_HOST), &[]).await.unwrap_err();
        assert!(matches!(fault, HandleError::Status(said) if said == status) && !fault.is_permanent(), "{fault:?}");
    }
}

#[tokio::test]
async fn the_time_bounds_dns_and_host_together() {
    let place = Place::new(|_| Answer::silence()).await;
    let dns = place.names().txt_after(NAME, Duration::from_secs(60), &[&record(FROM_DNS)]);
    let start = Instant::now();
    let fault = place.resolver(dns).timeout(SHORT).resolve(&handle(HANDLE)).await.unwrap_err();
    assert!(start.elapsed() < 2 * SHORT + Duration::from_secs(1), "{:?}", start.elapsed());
    let both = HandleError::Failed { dns: Some(DnsError::Timeout), http: Some(FetchError::Timeout) };
    assert_eq!(format!("{fault:?}"), format!("{both:?}"));
}

#[tokio::test]
async fn the_host_counts_when_dns_takes_too_long() {
    let place = Place::new(|_| good()).await;
    let dns = place.names().txt_after(NAME, Duration::from_secs(60), &[&record(FROM_DNS)]);
    assert_eq!(place.resolver(dns).timeout(ENOUGH).resolve(&handle(HANDLE)).await.unwrap(), did(FROM_HOST));
}

#[tokio::test]
async fn the_request_to_the_host_ends_when_dns_has_answered() {
    let place = Place::new(|_| Answer::silence()).await;
    let dns = place.names().txt_after(NAME, ENOUGH, &[&record(FROM_DNS)]);
    let resolver = place.resolver(dns);
    let start = Instant::now();
    assert_eq!(resolver.resolve(&handle(HANDLE)).await.unwrap(), did(FROM_DNS));
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert_eq!(place.server.asked().len(), 1);
    let cut = async {
        while place.server.cut() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), cut).await.unwrap();
}

#[tokio::test]
async fn reserved_handles_are_refused_before_anything_is_asked() {
    let place = Place::new(|_| good()).await;
    let names = place.names();
    let resolver = place.resolver(names.clone());
    for text in
        ["handle.invalid", "HANDLE.Invalid", "a.local", "a.example", "a.onion", "a.arpa", "a.TEST", "a.localhost"]
    {
        let fault = resolver.resolve(&handle(text)).await.unwrap_err();
        assert!(matches!(fault, HandleError::Reserved) && fault.is_permanent(), "{text}: {fault:?}");
    }
    let developing = resolver.development(true);
    for text in ["handle.invalid", "a.local", "a.localhost", "a.internal"] {
        assert!(matches!(developing.resolve(&handle(text)).await, Err(HandleError::Reserved)), "{text}");
    }
    assert_eq!(names.asked(), [""; 0]);
    assert_eq!(place.server.accepted(), 0);
}

#[tokio::test]
async fn a_handle_is_asked_for_in_lower_case() {
    let place = Place::new(|_| good()).await;
    let names = place.names();
    let found = place.resolver(names.clone()).resolve(&handle("ALICE.Example.com")).await;
    assert_eq!(found.unwrap(), did(FROM_HOST));
    let mut asked = names.asked();
    asked.sort();
    assert_eq!(asked, [NAME, HANDLE]);
    assert_eq!(place.server.asked()[0].header("host"), Some(HANDLE));
}

#[tokio::test]
async fn a_handle_that_is_too_long_for_dns_is_left_to_the_host() {
    let label = "a".repeat(60);
    let long = format!("{label}.{label}.{label}.{}.com", "b".repeat(63));
    let authority = Authority::new();
    let server = WebServer::https(&authority, &[&long], |_| good()).await;
    let place = Place { authority, server };
    let names = Names::new().host(&long, &[place.server.address()]);
    assert_eq!(place.resolver(names.clone()).resolve(&handle(&long)).await.unwrap(), did(FROM_HOST));
    assert_eq!(names.asked(), [long]);
}

/// Over a real name server, which misbehaves in each of its ways while the host is well.
#[tokio::test]
async fn a_name_server_may_misbehave_as_it_likes() {
    type Case = (&'static str, fn(&Question) -> Reply, &'static str);
    let cases: [Case; 9] = [
        ("well", |question| Reply::Records(vec![question.txt(&["did=", FROM_DNS])]), FROM_DNS),
        ("no name", |_| Reply::NoSuchName, FROM_HOST),
        ("failure", |_| Reply::Code(ResponseCode::ServFail), FROM_HOST),
        ("refusal", |_| Reply::Code(ResponseCode::Refused), FROM_HOST),
        ("silence", |_| Reply::Silence, FROM_HOST),
        ("garbage", |_| Reply::Garbage(vec![0x81; 40]), FROM_HOST),
        ("another question", |question| Reply::Elsewhere(vec![question.txt(&["did=did:web:evil.example"])]), FROM_HOST),
        ("too much", |question| overflow(question, "did=did:web:evil.example"), FROM_HOST),
        ("over tcp", |question| overflow_little(question), FROM_DNS),
    ];
    join_all(cases.map(|(case, reply, expected)| async move {
        let place = Place::new(|_| good()).await;
        let server = DnsServer::start(reply).await;
        let dns = Split { texts: server.dns(ENOUGH), hosts: place.names() };
        assert_eq!(place.resolver(dns).resolve(&handle(HANDLE)).await.unwrap(), did(expected), "{case}");
    }))
    .await;
}

fn overflow(question: &Question, text: &str) -> Reply {
    if !question.over_tcp {
        return Reply::Truncated;
    }
    Reply::Records((0..500).map(|_| question.txt(&[text])).collect())
}

fn overflow_little(question: &Question) -> Reply {
    if !question.over_tcp {
        return Reply::Truncated;
    }
    let padding = "x".repeat(200);
    let others = (0..40).map(|_| question.txt(&[&padding, &padding]));
    Reply::Records(others.chain([question.txt(&["did=", FROM_DNS])]).collect())
}

#[test]
fn errors_say_what_happened() {
    let failed = |dns, http| HandleError::Failed { dns, http }.to_string();
    let (timeout, forbidden) = (Some(DnsError::Timeout), Some(FetchError::ForbiddenAddress));
    assert_eq!(
        failed(timeout.clone(), forbidden.clone()),
        "the handle could not be resolved: no answer from the name servers in time; its host: an address that is not \
         public"
    );
    assert_eq!(failed(timeout, None), "the handle could not be resolved: no answer from the name servers in time");
    assert_eq!(failed(None, forbidden), "the handle could not be resolved; its host: an address that is not public");
    assert_eq!(HandleError::Status(503).to_string(), "the host of the handle answered with status 503");
    assert!(HandleError::NotClaimed.is_permanent());
}
