//! The events of repositories are written by hand in the runtime, which cannot depend on generated types. They are the
//! same on the wire as the generated ones.
#![cfg(all(feature = "com-atproto", feature = "sync"))]

use arobase::{
    com::atproto::sync::{
        SubscribeRepos,
        subscribe_repos::{self, AccountStatus, Message as Generated, RepoOpAction},
    },
    data::{Cid, CidLink, Limits, Strictness, fields::Slot},
    lexicon::compile::Catalog,
    repo::RepoOp,
    sync::{AccountEvent, CommitEvent, Event, IdentityEvent, InfoEvent, MAX_SEQ, Message, NSID, Stamp, SyncEvent},
    syntax::{Datetime, Did, Handle, Tid},
    xrpc::{
        Subscription,
        frame::{self, Frame},
    },
};
use proptest::{collection::vec, option, prelude::*};

fn did() -> impl Strategy<Value = Did> {
    "did:(web:[a-z]{1,9}\\.example|plc:[a-z2-7]{24})".prop_map(|text| text.parse().unwrap())
}

fn tid() -> impl Strategy<Value = Tid> {
    any::<(u64, u16)>().prop_map(|(micros, clock)| Tid::from_parts(micros, clock))
}

fn cid() -> impl Strategy<Value = Cid> {
    any::<u64>().prop_map(|number| Cid::of_cbor(&number.to_be_bytes()))
}

fn blocks(most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..most)
}

fn op() -> impl Strategy<Value = RepoOp> {
    let path = "[a-z]{1,5}\\.[a-z]{1,5}\\.[a-zA-Z]{1,9}/[a-zA-Z0-9_~:-]{1,20}";
    (path, option::of(cid()), cid()).prop_flat_map(|(path, prev, cid)| {
        let path: arobase::repo::RepoPath = path.parse().unwrap();
        let now = if prev.is_none() { Just(true).boxed() } else { any::<bool>().boxed() };
        now.prop_filter_map("it does something", move |is_there| {
            let cid = is_there.then_some(cid);
            (prev != cid).then(|| RepoOp {
                path: path.clone(),
                prev: prev.map(CidLink::from),
                cid: cid.map(CidLink::from),
            })
        })
    })
}

fn commit() -> impl Strategy<Value = Event> {
    let before = option::of((tid(), cid()));
    (did(), tid(), before, cid(), vec(op(), 0..5), blocks(3000)).prop_map(|(did, rev, before, commit, ops, blocks)| {
        let (since, prev_data) = before.unzip();
        CommitEvent { did, rev, since, commit, prev_data, ops, blocks: blocks.into() }.into()
    })
}

fn event() -> impl Strategy<Value = Event> {
    let handle = option::of("[a-z]{1,9}\\.example").prop_map(|text| text.map(|text| text.parse::<Handle>().unwrap()));
    let sync = (did(), tid(), blocks(500)).prop_map(|(did, rev, blocks)| SyncEvent { did, rev, blocks: blocks.into() });
    let identity = (did(), handle).prop_map(|(did, handle)| IdentityEvent::new(did, handle));
    let status = option::of("takendown|suspended|deleted|deactivated|desynchronized|throttled|[a-z]{0,9}");
    let account = (did(), any::<bool>(), status).prop_map(|(did, active, status)| AccountEvent {
        did,
        active,
        status: status.map(|name| (&*name).into()),
    });
    let info = ("[A-Za-z]{0,20}", option::of(".{0,20}")).prop_map(|(name, message)| InfoEvent { name, message });
    prop_oneof![
        4 => commit(),
        1 => sync.prop_map(Event::from),
        1 => identity.prop_map(Event::from),
        1 => account.prop_map(Event::from),
        1 => info.prop_map(Event::from),
    ]
}

fn stamp() -> impl Strategy<Value = Stamp> {
    (1..=MAX_SEQ, 0..4_000_000_000_000_000_i64)
        .prop_map(|(seq, micros)| Stamp { seq, time: Datetime::from_unix_micros(micros).unwrap() })
}

fn generated(frame: &[u8]) -> Generated {
    let frame = frame.to_vec().into();
    let Frame::Message { t, payload } = frame::split(&frame, Limits::DEFAULT).unwrap() else { panic!("no message") };
    frame::message(NSID, &t, &payload, Strictness::Strict, Limits::DEFAULT).unwrap().value
}

fn encode(message: &Generated) -> Vec<u8> {
    frame::encode(&Catalog::new(), SubscribeRepos::ENDPOINT, message.view()).unwrap().to_vec()
}

#[test]
fn both_are_of_one_subscription() {
    assert_eq!(&*SubscribeRepos::ENDPOINT.nsid, NSID);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_the_runtime_writes_is_what_generated_types_write(event in event(), stamp in stamp()) {
        let frame = event.to_frame(&stamp).unwrap();
        let message = generated(&frame);
        prop_assert!(!matches!(message, Generated::Unknown(_)));
        prop_assert_eq!(encode(&message), frame.to_vec());
    }

    #[test]
    fn what_generated_types_write_is_what_the_runtime_writes(event in event(), stamp in stamp()) {
        let frame = encode(&of(&event, &stamp));
        let message = Message::from_frame(&frame.clone().into()).unwrap();
        let expected = Some(stamp.clone()).filter(|_| !matches!(event, Event::Info(_)));
        prop_assert_eq!((message.seq, message.time), expected.map(|stamp| (stamp.seq, stamp.time)).unzip());
        prop_assert_eq!(&message.event, &event);
        prop_assert_eq!(message.event.to_frame(&stamp).unwrap().to_vec(), frame);
    }
}

/// The generated message of an event, field by field.
fn of(event: &Event, Stamp { seq, time }: &Stamp) -> Generated {
    let (seq, time) = (*seq, time.clone());
    match event {
        Event::Commit(event) => Generated::Commit(Box::new(commit_of(event, seq, time))),
        Event::Sync(SyncEvent { did, rev, blocks }) => {
            Generated::Sync(Box::new(subscribe_repos::Sync::new(seq, did.clone(), blocks.to_vec(), rev.as_str(), time)))
        }
        Event::Identity(IdentityEvent { did, handle }) => {
            let mut identity = subscribe_repos::Identity::new(seq, did.clone(), time);
            identity.handle.clone_from(handle);
            Generated::Identity(Box::new(identity))
        }
        Event::Account(AccountEvent { did, active, status }) => {
            let mut account = subscribe_repos::Account::new(seq, did.clone(), time, *active);
            account.status = status.as_ref().map(|status| AccountStatus::from(status.as_str()));
            Generated::Account(Box::new(account))
        }
        Event::Info(InfoEvent { name, message }) => {
            let mut info = subscribe_repos::Info::new(name.as_str());
            info.message.clone_from(message);
            Generated::Info(Box::new(info))
        }
        other => panic!("{other:?}"),
    }
}

fn commit_of(event: &CommitEvent, seq: i64, time: Datetime) -> subscribe_repos::Commit {
    let CommitEvent { did, rev, since, commit, prev_data, ops, blocks } = event;
    let ops: Vec<_> = ops.iter().map(op_of).collect();
    let mut commit = subscribe_repos::Commit::new(
        seq,
        false,
        false,
        did.clone(),
        *commit,
        rev.clone(),
        since.clone(),
        blocks.to_vec(),
        ops,
        vec![],
        time,
    );
    commit.prev_data = prev_data.map(CidLink::from);
    commit
}

fn op_of(op: &RepoOp) -> subscribe_repos::RepoOp {
    let action = match (&op.prev, &op.cid) {
        (None, _) => RepoOpAction::Create,
        (Some(_), Some(_)) => RepoOpAction::Update,
        (Some(_), None) => RepoOpAction::Delete,
    };
    let mut written = subscribe_repos::RepoOp::new(action, op.path.as_str(), op.cid.clone());
    written.prev.clone_from(&op.prev);
    written
}
