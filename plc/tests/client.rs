//! The client of directories with a directory in the same program.

use std::sync::Arc;

use arobase_plc::{Directory, DirectoryTransport, MemoryStore};
use arobase_runtime::{
    crypto::{Curve, Signer, SigningKey},
    identity::{
        IdentityError,
        plc::{Log, LogError, PlcClient, PlcData, PlcError},
    },
    syntax::Did,
};

struct World {
    client: PlcClient,
    directory: Directory,
    strong: SigningKey,
    weak: SigningKey,
}

impl World {
    fn new(curve: Curve) -> Self {
        let directory = Directory::new(MemoryStore::new()).unwrap();
        let transport = Arc::new(DirectoryTransport::new(&directory));
        let client = PlcClient::new("http://plc.test", transport).unwrap();
        Self { client, directory, strong: SigningKey::generate(curve), weak: SigningKey::generate(curve) }
    }

    fn data(&self) -> PlcData {
        let keys = [&self.strong, &self.weak].map(|key| key.public_key().to_did_key()).to_vec();
        let signing = self.weak.public_key().to_did_key();
        let mut data = PlcData::account(keys, signing.clone(), "alice.example.com", "https://pds.example.com");
        data.verification_methods.insert("atproto_label".to_owned(), signing);
        data.also_known_as.push("https://alice.example.com".to_owned());
        data
    }

    async fn created(&self) -> Did {
        self.client.create(self.data(), &self.weak).await.unwrap()
    }
}

#[tokio::test]
async fn what_is_created_is_told_in_every_form() {
    for curve in [Curve::K256, Curve::P256] {
        let world = World::new(curve);
        let did = world.created().await;
        assert_eq!(world.client.data(&did).await.unwrap(), world.data());
        assert_eq!(world.client.document(&did).await.unwrap(), world.data().document(&did));
        let log = world.client.log(&did).await.unwrap();
        assert_eq!(world.client.last(&did).await.unwrap(), log.last().unwrap().operation);
        assert_eq!(log.entries(), world.directory.log(&did).await.unwrap().entries());
    }
}

#[tokio::test]
async fn what_was_created_is_found_when_it_is_created_again_unless_it_changed() {
    let world = World::new(Curve::K256);
    let did = world.created().await;
    assert_eq!(world.created().await, did);
    assert_eq!(world.client.log(&did).await.unwrap().entries().len(), 1);
    world.client.update(&did, &world.weak, |data| data.set_handle("bob.example.com")).await.unwrap();
    let refused = world.client.create(world.data(), &world.weak).await;
    assert!(matches!(refused, Err(PlcError::Refused(400, _))), "{refused:?}");
}

#[tokio::test]
async fn a_did_that_was_never_created_is_not_found() {
    let world = World::new(Curve::K256);
    let did = "did:plc:abcdefghijklmnopqrstuvwx".parse().unwrap();
    assert!(matches!(world.client.document(&did).await, Err(IdentityError::NotFound)));
    assert!(matches!(world.client.log(&did).await, Err(PlcError::NotFound)));
    assert!(matches!(world.client.update(&did, &world.weak, |_| ()).await, Err(PlcError::NotFound)));
}

#[tokio::test]
async fn updates_lose_nothing_and_what_is_given_up_stays_so() {
    let world = World::new(Curve::K256);
    let did = world.created().await;
    let mut expected = world.data();
    for name in ["at://bob.example.com", "at://carol.example.com"] {
        let edit = |data: &mut PlcData| data.also_known_as[0] = name.to_owned();
        let operation = world.client.update(&did, &world.weak, edit).await.unwrap();
        expected.also_known_as[0] = name.to_owned();
        assert_eq!(operation.content().data().as_ref(), Some(&expected));
        assert_eq!(world.client.data(&did).await.unwrap(), expected);
    }
    world.client.tombstone(&did, &world.weak).await.unwrap();
    assert!(matches!(world.client.document(&did).await, Err(IdentityError::NotFound)));
    assert!(matches!(world.client.update(&did, &world.strong, |_| ()).await, Err(PlcError::Tombstoned)));
    assert!(world.client.log(&did).await.unwrap().is_tombstoned());
}

#[tokio::test]
async fn a_stronger_key_brings_back_what_a_weaker_one_gave_up() {
    let world = World::new(Curve::P256);
    let did = world.created().await;
    let genesis = world.client.log(&did).await.unwrap().last().unwrap().cid;
    world.client.update(&did, &world.weak, |data| data.rotation_keys.truncate(1)).await.unwrap();
    world.client.tombstone(&did, &world.strong).await.unwrap();
    let weak = world.client.recover(&did, genesis, &world.weak, |_| ()).await;
    assert!(matches!(weak, Err(PlcError::Log(LogError::WeakRecovery))), "{weak:?}");
    world.client.recover(&did, genesis, &world.strong, |_| ()).await.unwrap();
    assert_eq!(world.client.data(&did).await.unwrap(), world.data());
    let undone: Vec<_> = world.client.log(&did).await.unwrap().entries().iter().map(|entry| entry.nullified).collect();
    assert_eq!(undone, [false, true, true, false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_change_the_same_did_nobody_loses() {
    let world = Arc::new(World::new(Curve::K256));
    let did = world.created().await;
    for round in 0..4 {
        let both = ["a", "b"].map(|name| {
            let (world, did) = (world.clone(), did.clone());
            tokio::spawn(async move {
                let name = format!("https://{name}{round}.example.com");
                let edit = |data: &mut PlcData| data.also_known_as.push(name.clone());
                world.client.update(&did, &world.weak, edit).await
            })
        });
        for one in both {
            one.await.unwrap().unwrap();
        }
    }
    assert_eq!(world.client.data(&did).await.unwrap().also_known_as.len(), 10);
    assert_eq!(world.client.log(&did).await.unwrap().entries().len(), 9);
}

#[tokio::test]
async fn what_a_directory_says_when_it_refuses_arrives() {
    let world = World::new(Curve::K256);
    let did = world.created().await;
    let genesis = world.client.last(&did).await.unwrap();
    let twice = world.client.submit(&did, &genesis).await;
    assert!(
        matches!(&twice, Err(PlcError::Refused(400, message)) if message.contains("in the log already")),
        "{twice:?}"
    );
    for _ in 0..9 {
        world.client.update(&did, &world.weak, |_| ()).await.unwrap();
    }
    let busy = world.client.update(&did, &world.weak, |_| ()).await;
    assert!(
        matches!(&busy, Err(PlcError::Refused(400, message)) if message.contains("at most 10 operations in 1")),
        "{busy:?}"
    );
}

#[tokio::test]
async fn an_export_leads_through_everything() {
    let world = World::new(Curve::K256);
    let mut dids = Vec::new();
    for _ in 0..5 {
        dids.push(world.client.create(world_data(&world, dids.len()), &world.weak).await.unwrap());
    }
    let (mut seen, mut after) = (Vec::new(), 0);
    loop {
        let page = world.client.export(after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.seq;
        for entry in page {
            let mut log = Log::new(entry.did.clone());
            let appended = log.append(entry.operation.unwrap(), entry.created_at).unwrap();
            assert_eq!(*entry.cid, *appended.cid.to_string());
            seen.push(entry.did);
        }
    }
    assert_eq!((seen, after), (dids, 5));
}

fn world_data(world: &World, number: usize) -> PlcData {
    let mut data = world.data();
    data.also_known_as[0] = format!("at://n{number}.example.com");
    data
}
