//! Revisions.

use arobase_lexicon::syntax::Tid;
use proptest::prelude::*;

use super::*;

#[test]
fn a_revision_is_greater_than_the_one_before_or_refused() {
    let (account, first) = Account::new(&[]);
    let rev = first.commit.rev();
    let pending = || account.repo.prepare_recommit(&account.clock).unwrap();
    let micros = rev.micros().unwrap();
    for wrong in [rev.clone(), Tid::from_parts(micros - 1, 1023), Tid::from_parts(0, 0)] {
        let error = pending().with_rev(wrong.clone()).unwrap_err();
        assert!(matches!(error, Error::Rev { previous, found } if previous == *rev && found == wrong));
    }
    let next = Tid::from_parts(micros + 1, 0);
    assert_eq!(pending().with_rev(next.clone()).unwrap().unsigned().rev, next);
}

#[test]
fn after_a_revision_of_the_future_goes_on_and_after_the_greatest_there_is_none() {
    let (mut account, _) = Account::new(&[]);
    let jump = |account: &mut Account, rev: &str| {
        let pending = account.repo.prepare_recommit(&account.clock).unwrap();
        let signed = pending.with_rev(rev.parse().unwrap()).unwrap().sign(&account.key).unwrap();
        account.repo.take(signed);
    };
    jump(&mut account, "bzzzzzzzzzzzz");
    let future = account.repo.commit().rev().clone();
    let Err(Error::Rev { previous, .. }) = account.repo.recommit(&account.clock, &account.key) else { panic!() };
    assert_eq!(previous, future);

    let (mut account, _) = Account::new(&[]);
    jump(&mut account, "azzzzzzzzzz22");
    let written = account.write(&[create(NOTE, 1)]);
    assert_eq!(written.commit.rev().as_str(), "b222222222223");
    jump(&mut account, "jzzzzzzzzzzzz");
    assert!(matches!(failure(&mut account, &[update(NOTE, 2)]), Error::Rev { .. }));
}

proptest! {
    #[test]
    fn revisions_grow_whatever_the_clock_says(times in proptest::collection::vec(any::<u64>(), 1..40)) {
        let clock = TidGenerator::new(3);
        let mut last: Option<Tid> = None;
        for now in times {
            // Up to half the time that there is, so that it does not end.
            let rev = pending::next_rev(last.as_ref(), &clock, now % (1 << 52)).unwrap();
            prop_assert!(last.is_none_or(|last| rev > last));
            last = Some(rev);
        }
    }
}
