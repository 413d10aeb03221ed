use super::{
    super::{
        LegacyCreate, OperationError,
        testing::{
            assert_distinct, at, at_millis, data, did, did_key, genesis, k256, key, p256, started, tombstone, update,
        },
    },
    *,
};
use crate::crypto::{Curve, SigningKey};

const HOURS: i64 = 3_600;

/// What goes wrong when an operation is added, after a look that the log stays as it was.
fn refused(log: &mut Log, operation: Operation, created_at: Datetime) -> LogError {
    let before = log.entries().to_vec();
    let error = log.append(operation, created_at).unwrap_err();
    assert_eq!(log.entries(), before);
    error
}

fn add(log: &mut Log, operation: Operation, seconds: i64) -> Appended {
    log.append(operation, at(seconds)).unwrap()
}

#[test]
fn a_log_begins_with_the_genesis_of_its_did() {
    let (log, cid) = started();
    assert_eq!(log.last().unwrap().cid, cid);
    assert_eq!(log.data(), Some(data()));
    let mut other = Log::new("did:plc:w2njvmgsekt3i7sscvnwkxcj".parse().unwrap());
    assert_eq!(refused(&mut other, genesis(), at(0)), LogError::WrongDid);
}

#[test]
fn what_is_no_genesis_begins_no_log() {
    let (log, cid) = started();
    let mut empty = Log::new(log.did().clone());
    for operation in [update("bob.example.com", cid, &k256()), tombstone(cid, &k256())] {
        assert_eq!(refused(&mut empty, operation, at(0)), LogError::NoGenesis);
    }
}

#[test]
fn a_genesis_is_signed_by_a_key_of_its_own() {
    for (signer, is_valid) in [(k256(), true), (p256(), true), (key(Curve::K256, "a stranger"), false)] {
        let genesis = Content::genesis(data()).sign(&signer).unwrap();
        let mut log = Log::new(did(&genesis));
        assert_eq!(log.append(genesis, at(0)).err(), (!is_valid).then_some(LogError::Signature));
    }
    let keyless = PlcData { rotation_keys: Vec::new(), ..data() };
    let genesis = Content::genesis(keyless).sign(&k256()).unwrap();
    assert_eq!(refused(&mut Log::new(did(&genesis)), genesis, at(0)), LogError::Signature);
}

#[test]
fn the_old_form_begins_a_log_and_its_keys_go_on() {
    let (signing_key, recovery_key) = (did_key(&p256()), did_key(&k256()));
    let create = LegacyCreate { signing_key, recovery_key, handle: "a.example".into(), service: "b.example".into() };
    let create = Content::Create(create).sign(&p256()).unwrap();
    let mut log = Log::new(did(&create));
    let cid = add(&mut log, create, 0).cid;
    assert_eq!(log.data().unwrap().also_known_as, ["at://a.example"]);
    let renamed = add(&mut log, update("bob.example.com", cid, &p256()), 1);
    // The recovery key is the stronger one.
    assert_eq!(add(&mut log, update("carol.example.com", cid, &k256()), 2).nullified, [renamed.cid]);
}

#[test]
fn every_rotation_key_of_the_last_state_may_sign_the_next() {
    for signer in [k256(), p256()] {
        let (mut log, cid) = started();
        let operation = update("bob.example.com", cid, &signer);
        let appended = add(&mut log, operation.clone(), 1);
        assert_eq!(appended, Appended { cid: operation.cid(), nullified: Vec::new() });
        assert_eq!(log.data().unwrap().also_known_as, ["at://bob.example.com"]);
    }
    let (mut log, cid) = started();
    let stranger = key(Curve::P256, "a stranger");
    assert_eq!(refused(&mut log, update("bob.example.com", cid, &stranger), at(1)), LogError::Signature);
}

#[test]
fn keys_that_were_rotated_out_sign_no_more() {
    let (mut log, cid) = started();
    let fresh = key(Curve::K256, "a fresh key");
    let data = PlcData { rotation_keys: vec![did_key(&fresh)], ..data() };
    let cid = add(&mut log, Content::Update { data: data.clone(), prev: Some(cid) }.sign(&k256()).unwrap(), 1).cid;
    assert_eq!(refused(&mut log, update("bob.example.com", cid, &k256()), at(2)), LogError::Signature);
    add(&mut log, Content::Update { data, prev: Some(cid) }.sign(&fresh).unwrap(), 2);
}

#[test]
fn nothing_follows_a_state_without_rotation_keys() {
    let (mut log, cid) = started();
    let keyless = PlcData { rotation_keys: Vec::new(), ..data() };
    let cid = add(&mut log, Content::Update { data: keyless, prev: Some(cid) }.sign(&k256()).unwrap(), 1).cid;
    assert_eq!(refused(&mut log, update("bob.example.com", cid, &k256()), at(2)), LogError::Signature);
}

#[test]
fn an_operation_follows_one_that_is_there() {
    let (mut log, cid) = started();
    let unknown = Cid::of_cbor(b"unknown");
    let misordered = |prev| LogError::Misordered { prev };
    assert_eq!(refused(&mut log, update("bob.example.com", unknown, &k256()), at(1)), misordered(Some(unknown)));
    let second = Content::genesis(data()).sign(&p256()).unwrap();
    assert_eq!(refused(&mut log, second, at(1)), misordered(None));
    assert_eq!(refused(&mut log, genesis(), at(1)), LogError::Duplicate);
    let operation = update("bob.example.com", cid, &k256());
    add(&mut log, operation.clone(), 1);
    assert_eq!(refused(&mut log, operation, at(2)), LogError::Duplicate);
}

#[test]
fn the_plain_case_does_not_look_at_the_time() {
    let (mut log, cid) = started();
    add(&mut log, update("bob.example.com", cid, &k256()), -1_000);
    let nonsense = Datetime::from_unchecked("yesterday");
    let cid = log.last().unwrap().cid;
    assert_eq!(refused(&mut log, update("a.example", cid, &k256()), nonsense), LogError::Time);
}

#[test]
fn a_stronger_key_undoes_everything_behind_an_operation() {
    let (mut log, cid) = started();
    let first = add(&mut log, update("a.example", cid, &p256()), 1).cid;
    let second = add(&mut log, update("b.example", first, &k256()), 2).cid;
    let third = add(&mut log, update("c.example", second, &p256()), 3).cid;
    let recovery = update("d.example", cid, &k256());
    assert!(log.is_recovery(&recovery));
    let appended = add(&mut log, recovery, 4);
    assert_eq!(appended.nullified, [first, second, third]);
    assert!(log.active().map(|entry| entry.cid).eq([cid, appended.cid]));
    assert_eq!(log.entries().len(), 5);
    assert_eq!(log.data_at(&second).unwrap().also_known_as, ["at://b.example"]);
    assert!(log.entry(&second).unwrap().nullified && !log.entry(&cid).unwrap().nullified);
    assert_eq!(log.data_at(&Cid::of_cbor(b"unknown")), None);
}

#[test]
fn what_was_undone_has_no_followers() {
    let (mut log, cid) = started();
    let undone = add(&mut log, update("a.example", cid, &p256()), 1).cid;
    add(&mut log, update("b.example", cid, &k256()), 2);
    let follower = update("c.example", undone, &k256());
    assert!(!log.is_recovery(&follower));
    assert_eq!(refused(&mut log, follower, at(3)), LogError::Misordered { prev: Some(undone) });
}

#[test]
fn an_equal_or_weaker_key_undoes_nothing() {
    for (first, second) in [(p256(), p256()), (k256(), p256()), (k256(), k256())] {
        let (mut log, cid) = started();
        add(&mut log, update("a.example", cid, &first), 1);
        assert_eq!(refused(&mut log, update("b.example", cid, &second), at(2)), LogError::WeakRecovery);
    }
    let (mut log, cid) = started();
    add(&mut log, update("a.example", cid, &p256()), 1);
    let stranger = key(Curve::K256, "a stranger");
    assert_eq!(refused(&mut log, update("b.example", cid, &stranger), at(2)), LogError::Signature);
}

#[test]
fn the_keys_of_the_state_before_decide_and_not_those_of_what_is_undone() {
    let (mut log, cid) = started();
    // A thief takes all the keys.
    let thief = key(Curve::K256, "a thief");
    let stolen = PlcData { rotation_keys: vec![did_key(&thief)], ..data() };
    let theft = Content::Update { data: stolen.clone(), prev: Some(cid) }.sign(&p256()).unwrap();
    let theft = add(&mut log, theft, 1).cid;
    let back = Content::Update { data: stolen, prev: Some(cid) }.sign(&thief).unwrap();
    assert_eq!(refused(&mut log, back, at(2)), LogError::Signature);
    assert_eq!(add(&mut log, update("alice.example.com", cid, &k256()), 2).nullified, [theft]);
}

/// A log whose genesis has these rotation keys.
fn with_keys(keys: &[&SigningKey]) -> (Log, Cid) {
    let data = PlcData { rotation_keys: keys.iter().map(|key| did_key(key)).collect(), ..data() };
    let genesis = Content::genesis(data).sign(keys[0]).unwrap();
    let mut log = Log::new(did(&genesis));
    let cid = add(&mut log, genesis, 0).cid;
    (log, cid)
}

#[test]
fn a_key_listed_twice_counts_where_it_stands_first() {
    let (k, p) = (k256(), p256());
    let (mut log, cid) = with_keys(&[&p, &k, &p]);
    add(&mut log, update("a.example", cid, &k), 1);
    // P stands behind K too, but before it first.
    add(&mut log, update("b.example", cid, &p), 2);
    let (mut log, cid) = with_keys(&[&p, &k, &p]);
    add(&mut log, update("a.example", cid, &p), 1);
    assert_eq!(refused(&mut log, update("b.example", cid, &k), at(2)), LogError::WeakRecovery);
}

#[test]
fn recoveries_can_be_undone_by_still_stronger_keys() {
    let (strongest, middle, weakest) = (key(Curve::K256, "1"), key(Curve::K256, "2"), key(Curve::K256, "3"));
    let (mut log, cid) = with_keys(&[&strongest, &middle, &weakest]);
    let first = add(&mut log, update("a.example", cid, &weakest), 1).cid;
    let second = add(&mut log, update("b.example", cid, &middle), 2);
    assert_eq!(second.nullified, [first]);
    assert_eq!(refused(&mut log, update("c.example", cid, &weakest), at(3)), LogError::WeakRecovery);
    assert_eq!(add(&mut log, update("c.example", cid, &strongest), 3).nullified, [second.cid]);
}

#[test]
fn a_recovery_is_in_time_up_to_exactly_72_hours() {
    let cases = [(72 * HOURS * 1_000, None), (72 * HOURS * 1_000 + 1, Some(LogError::LateRecovery))];
    for (millis, error) in cases {
        let (mut log, cid) = started();
        let first = log.append(update("a.example", cid, &p256()), at_millis(0)).unwrap().cid;
        // What counts is the first that is undone.
        log.append(update("b.example", first, &p256()), at_millis(millis - 1)).unwrap();
        assert_eq!(log.append(update("c.example", cid, &k256()), at_millis(millis)).err(), error);
    }
}

#[test]
fn a_recovery_is_later_than_the_latest_operation() {
    for (seconds, is_valid) in [(9, false), (10, false), (11, true)] {
        let (mut log, cid) = started();
        let first = add(&mut log, update("a.example", cid, &p256()), 1).cid;
        add(&mut log, update("b.example", first, &p256()), 10);
        let added = log.append(update("c.example", cid, &k256()), at(seconds));
        assert_eq!(added.err(), (!is_valid).then_some(LogError::Clock));
    }
    let (mut log, cid) = started();
    add(&mut log, update("a.example", cid, &p256()), 1);
    let offset = Datetime::from_unchecked("2023-11-14T23:13:21.0000+01:00");
    assert_eq!(offset.cmp_instant(&at(1)), std::cmp::Ordering::Equal);
    assert_eq!(refused(&mut log, update("c.example", cid, &k256()), offset), LogError::Clock);
}

#[test]
fn nothing_follows_a_tombstone() {
    let (mut log, cid) = started();
    let end = add(&mut log, tombstone(cid, &p256()), 1).cid;
    assert!(log.is_tombstoned());
    assert_eq!((log.data(), log.data_at(&end)), (None, None));
    for operation in [update("a.example", end, &k256()), tombstone(end, &k256())] {
        assert_eq!(refused(&mut log, operation, at(2)), LogError::Tombstoned);
    }
}

#[test]
fn a_stronger_key_undoes_a_tombstone() {
    let (mut log, cid) = started();
    let end = add(&mut log, tombstone(cid, &p256()), 1).cid;
    assert_eq!(add(&mut log, update("back.example.com", cid, &k256()), 72 * HOURS).nullified, [end]);
    assert!(!log.is_tombstoned());
    assert_eq!(log.data().unwrap().also_known_as, ["at://back.example.com"]);
    // And a tombstone undoes other operations.
    let renamed = log.last().unwrap().cid;
    let weak = add(&mut log, update("a.example", renamed, &p256()), 73 * HOURS).cid;
    assert_eq!(add(&mut log, tombstone(renamed, &k256()), 74 * HOURS).nullified, [weak]);
    assert!(log.is_tombstoned());
}

#[test]
fn an_operation_that_could_not_be_read_is_not_added_either() {
    let mut huge = data();
    huge.set_pds(&"e".repeat(8_000));
    let genesis = Content::genesis(huge).sign(&k256()).unwrap();
    let error = refused(&mut Log::new(did(&genesis)), genesis, at(0));
    assert!(matches!(error, LogError::Operation(OperationError::TooLarge { max: 7_500, .. })), "{error}");
}

#[test]
fn all_errors_say_something_else() {
    let cid = Cid::of_cbor(b"");
    assert_distinct([
        LogError::NoGenesis,
        LogError::WrongDid,
        LogError::Duplicate,
        LogError::Misordered { prev: None },
        LogError::Misordered { prev: Some(cid) },
        LogError::Tombstoned,
        LogError::Signature,
        LogError::WeakRecovery,
        LogError::LateRecovery,
        LogError::Clock,
        LogError::Time,
        LogError::Operation(OperationError::Legacy),
    ]);
}
