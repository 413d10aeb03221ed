//! README's sections on methods, repositories and identities, compiled line by line; and its first program, which is
//! `examples/hello`.

#![expect(dead_code, clippy::print_stdout, reason = "the lines of README need a network to run")]

use std::{error::Error as StdError, sync::Arc};

use arobase::{
    Catalog, Client, Context, Error, Events, Failure,
    app::bsky::{
        actor,
        actor::{GetPreferences, PutPreferences},
        feed::GetAuthorFeed,
    },
    com::atproto::{
        repo,
        repo::{Client as _, GetRecord, get_record},
        sync,
        sync::{SubscribeRepos, subscribe_repos},
    },
    crypto::{Curve, Signer, SigningKey},
    data::{Map, Value},
    identity::{Freshness, Resolver},
    repo::{MemoryStore, Repo, Write, import},
    service_auth::{ServiceSigner, Verifier},
    syntax::{AtIdentifier, TidGenerator},
};
use futures_util::stream;

type Outcome<T> = Result<T, Box<dyn StdError>>;

const README: &str = include_str!("../README.md");

async fn calling(query: GetRecord, actor: AtIdentifier) -> Outcome<Option<get_record::Output>> {
    let client = Client::new("https://public.api.bsky.app")?;
    let record = match client.get_record(query).proxy("did:web:api.example.com#svc").await {
        Err(Error::Declared(get_record::Error::RecordNotFound(_))) => None,
        other => Some(other?),
    };
    let mut pages = client.pages(GetAuthorFeed::new(actor));
    while let Some(page) = pages.next().await {
        println!("{} posts", page?.feed.len());
    }
    let mut events = sync::Client::subscribe_repos(&client, SubscribeRepos::new()).await?;
    while let Some(event) = events.next().await {
        if let subscribe_repos::Message::Commit(commit) = event? {
            println!("{} {}", commit.repo, commit.rev);
        }
    }
    Ok(record)
}

struct Pds;

impl Pds {
    fn find(&self, _: &GetRecord) -> impl Future<Output = Result<Option<get_record::Output>, std::io::Error>> {
        std::future::ready(Ok(None))
    }
}

impl repo::Server for Pds {
    async fn get_record(&self, _: Context, query: GetRecord) -> Result<get_record::Output, Failure<get_record::Error>> {
        let record = self.find(&query).await?;
        Ok(record.ok_or(get_record::Error::RecordNotFound(None))?)
    }
}

impl actor::Server for Pds {}

impl sync::Server for Pds {
    async fn subscribe_repos(
        &self,
        _: Context,
        _: SubscribeRepos,
    ) -> Result<Events<SubscribeRepos>, Failure<subscribe_repos::Error>> {
        let messages = stream::iter([Ok(subscribe_repos::Info::new(subscribe_repos::InfoName::OutdatedCursor).into())]);
        Ok(Events::new(messages))
    }
}

fn serving(pds: &Arc<Pds>) -> axum::Router {
    repo::router(pds.clone())
        .merge(actor::router(pds.clone()).only([GetPreferences::NSID, PutPreferences::NSID]))
        .merge(sync::router(pds.clone()))
        .into_axum()
}

async fn without_types(client: Client, params: Map) -> Outcome<()> {
    let catalog = Catalog::from_directory("lexicons")?;
    let answer = client.dynamic(&catalog).call("com.example.greet", params, ()).await?;
    println!("{:?}", answer.as_json());
    Ok(())
}

#[test]
fn repositories() -> Outcome<()> {
    let (key, clock, mut store) = (SigningKey::generate(Curve::K256), TidGenerator::random(), MemoryStore::new());
    let note = Value::from_json(br#"{"$type":"com.example.note","text":"hi"}"#)?.to_cbor()?;

    let (mut repo, written) = Repo::create("did:web:alice.example.com".parse()?, &[], &clock, &key)?;
    store.apply(&written);
    let create = Write::create("com.example.note/one".parse()?, note);
    if let Some(written) = repo.write(&[create], &clock, &key, &store)? {
        store.apply(&written);
    }
    let car: Vec<u8> = repo.export(&store).into_car().collect::<Result<Vec<_>, _>>()?.concat();
    let commit = import::from_slice(&car, Default::default(), &(), &mut |item| println!("{item:?}"))?;
    commit.verify(&key.public_key())?;
    assert_eq!(&commit, repo.commit());
    Ok(())
}

async fn identities(key: Arc<SigningKey>, server: Arc<Pds>) -> Outcome<(Client, arobase::server::Router)> {
    let resolver = Resolver::system()?;
    let alice = resolver.identity(&"alice.example.com".parse()?, Freshness::Cached).await?;
    println!("{} {} {:?}", alice.did, alice.handle, alice.document.pds());

    let signer = ServiceSigner::new(key, alice.did, "did:web:api.example.com#svc");
    let client = Client::new("https://api.example.com")?.with_auth(signer);
    let verifier = Verifier::new(["did:web:api.example.com#svc"], Arc::new(resolver));
    let router = sync::router(server).authenticate(verifier.authenticate());
    Ok((client, router))
}

/// The lines of the code blocks of a section.
fn code(section: &str) -> Vec<&str> {
    let section = README.split(&format!("\n## {section}\n")).nth(1).and_then(|rest| rest.split("\n## ").next());
    let blocks = section.expect("the section").split("```").skip(1).step_by(2);
    blocks.flat_map(|block| block.lines().skip(1)).map(str::trim).collect()
}

#[test]
fn the_lines_about_methods_are_those_of_this_file() {
    let here: Vec<_> = include_str!("readme.rs").lines().map(str::trim).collect();
    for line in code("Methods").into_iter().filter(|line| !line.is_empty() && !line.starts_with("use ")) {
        let line = line.split("  //").next().unwrap_or(line).trim_end();
        assert!(here.contains(&line), "README says what is not compiled here: {line}");
    }
}

#[test]
fn the_lines_about_repositories_are_those_of_this_file() {
    let here: Vec<_> = include_str!("readme.rs").lines().map(str::trim).collect();
    let lines = code("Repositories").into_iter().take_while(|line| !line.starts_with("cargo install"));
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with("use ")) {
        let line = line.split("  //").next().unwrap_or(line).trim_end();
        assert!(here.contains(&line), "README says what is not compiled here: {line}");
    }
}

#[test]
fn the_lines_about_identities_are_those_of_this_file() {
    let here: Vec<_> = include_str!("readme.rs").lines().map(str::trim).collect();
    let lines = code("Identities").into_iter().take_while(|line| !line.starts_with("cargo run"));
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with("use ") && !line.starts_with("// ")) {
        assert!(here.contains(&line), "README says what is not compiled here: {line}");
    }
}

#[test]
fn the_first_program_is_the_example() {
    let example: Vec<_> = include_str!("../examples/hello/src/main.rs").lines().map(str::trim).collect();
    let program = code("The shortest program");
    let main = program.iter().position(|line| line.starts_with("struct Greeter")).expect("the program");
    for line in program.into_iter().skip(main).filter(|line| !line.is_empty()) {
        assert!(example.contains(&line), "README says what the example does not: {line}");
    }
}

#[tokio::test]
async fn the_server_that_readme_shows_has_its_routes() {
    drop(serving(&Arc::new(Pds)));
}
