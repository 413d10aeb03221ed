//! Keys that sign later.

use super::*;

/// What somebody elsewhere signs.
fn sign(key: &SigningKey, pending: &Pending) -> Signature {
    key.sign(&pending.unsigned().to_cbor()).unwrap()
}

#[test]
fn a_key_may_sign_later() {
    let (mut account, _) = Account::new(&[]);
    let public = account.key.public_key();
    let pending = account.repo.prepare(&[create(NOTE, 1)], &account.clock, &account.store).unwrap().unwrap();
    assert_eq!(account.content(), Content::new());
    let signature = sign(&account.key, &pending);
    let written = account.repo.finish(pending, &signature, &public).unwrap();
    account.store.apply(&written);
    assert_eq!(account.repo.commit(), &written.commit);
    assert_eq!(account.content().len(), 1);

    let pending = Repo::prepare_create(DID.parse().unwrap(), &[create(NOTE, 1)], &account.clock).unwrap();
    let signature = sign(&account.key, &pending);
    let (repo, _) = Repo::finish_create(pending, &signature, &public).unwrap();
    assert_eq!(repo.tree(), account.repo.tree());
}

#[test]
fn what_was_prepared_before_another_commit_is_refused() {
    let (mut account, _) = Account::new(&[]);
    let public = account.key.public_key();
    let stale = account.repo.prepare(&[create(NOTE, 1)], &account.clock, &account.store).unwrap().unwrap();
    let signature = sign(&account.key, &stale);
    let written = account.write(&[create("com.example.note/b", 1)]);
    let now = Some(CidLink::from(written.commit.cid()));
    let error = account.repo.finish(stale, &signature, &public).unwrap_err();
    assert!(matches!(error, Error::Swap { path: None, found } if found == now));
    assert_eq!(account.repo.commit(), &written.commit);
    assert_eq!(account.content().len(), 1);
}

#[test]
fn a_first_commit_and_a_later_one_are_not_confused() {
    let (mut account, _) = Account::new(&[]);
    let public = account.key.public_key();
    let first = Repo::prepare_create(DID.parse().unwrap(), &[], &account.clock).unwrap();
    let later = account.repo.prepare_recommit(&account.clock).unwrap();
    let signatures = [sign(&account.key, &first), sign(&account.key, &later)];
    assert!(account.repo.finish(first, &signatures[0], &public).is_err());
    assert!(Repo::finish_create(later, &signatures[1], &public).is_err());
}

#[test]
fn a_wrong_signature_finishes_nothing() {
    let (mut account, first) = Account::new(&[]);
    let other = SigningKey::generate(Curve::K256);
    let pending = account.repo.prepare(&[create(NOTE, 1)], &account.clock, &account.store).unwrap().unwrap();
    let signature = sign(&other, &pending);
    let error = account.repo.finish(pending, &signature, &account.key.public_key()).unwrap_err();
    assert!(matches!(error, Error::Commit(commit::Error::Signature)));
    assert_eq!(account.repo.commit(), &first.commit);
}
