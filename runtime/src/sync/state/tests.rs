use proptest::prelude::*;

use super::*;

/// A time in November 2023.
const NOW: u64 = 1_700_000_000_000_000;

fn rev(number: u64) -> Tid {
    Tid::from_parts(NOW + number, 0)
}

/// The tree that has this content.
fn data(content: i64) -> Cid {
    Cid::of_cbor(&content.to_be_bytes())
}

fn head(number: u64, content: i64) -> Head {
    Head { rev: rev(number), data: data(content) }
}

fn step(before: Option<Head>, after: Head) -> Step {
    Step { before, after }
}

/// A state with the head 1, whose tree has the content 10.
fn known() -> RepoState {
    RepoState::at(head(1, 10))
}

fn lost() -> RepoState {
    RepoState::from_parts(Some(head(1, 10)), Phase::Desynchronized, true, None)
}

fn commit(state: &mut RepoState, before: Option<Head>, after: Head) -> Decision {
    state.commit(step(before, after), Start::Fetch, NOW)
}

#[test]
fn a_commit_that_follows_is_applied() {
    let mut state = known();
    assert_eq!(commit(&mut state, Some(head(1, 10)), head(2, 20)), Decision::Apply);
    assert_eq!(state, RepoState::at(head(2, 20)));
}

#[test]
fn old_commits_and_announcements_are_ignored() {
    for number in [0, 1] {
        let mut state = known();
        assert_eq!(commit(&mut state, None, head(number, 99)), Decision::Ignore(Ignored::Old));
        assert_eq!(state.sync(head(number, 99), NOW), Decision::Ignore(Ignored::Old));
        assert_eq!(state, known());
    }
}

#[test]
fn a_revision_may_be_five_minutes_ahead() {
    let minutes = |minutes: u64| head(minutes * 60_000_000, 10);
    let mut state = known();
    assert_eq!(state.sync(Head { rev: Tid::from_parts(NOW + 300_000_001, 0), ..minutes(0) }, NOW), Decision::Future);
    assert_eq!(state, known());
    assert_eq!(state.sync(minutes(5), NOW), Decision::Apply);
    let beyond = "jzzzzzzzzzzzz".parse().unwrap();
    assert_eq!(known().triage(&beyond, NOW), Some(Decision::Future));
    assert_eq!(RepoState::default().fetched(minutes(6), NOW), Decision::Future);
}

#[test]
fn a_commit_that_does_not_follow_shows_a_gap() {
    let gaps = [
        (Some(head(0, 10)), Gap::Broken { since: Some(rev(0)), known: rev(1) }),
        (Some(head(2, 10)), Gap::Broken { since: Some(rev(2)), known: rev(1) }),
        (Some(head(1, 11)), Gap::Data { said: data(11), known: data(10) }),
        (None, Gap::Broken { since: None, known: rev(1) }),
    ];
    for (before, gap) in gaps {
        let mut state = known();
        assert_eq!(commit(&mut state, before, head(3, 30)), Decision::Resync(gap));
        assert_eq!((state.phase(), state.head()), (Phase::Desynchronized, Some(&head(1, 10))));
    }
}

#[test]
fn an_unknown_repository_begins_with_its_first_commit() {
    let mut state = RepoState::default();
    assert_eq!(commit(&mut state, None, head(1, 10)), Decision::Apply);
    assert_eq!(state, known());
}

#[test]
fn an_unknown_repository_with_a_past_is_fetched_or_adopted() {
    let mut state = RepoState::default();
    let later = step(Some(head(1, 10)), head(2, 20));
    assert_eq!(state.commit(later.clone(), Start::Fetch, NOW), Decision::Resync(Gap::Unknown));
    assert_eq!(state.phase(), Phase::Desynchronized);
    let mut state = RepoState::default();
    assert_eq!(state.commit(later, Start::Adopt, NOW), Decision::Apply);
    assert_eq!(state, RepoState::at(head(2, 20)));
}

#[test]
fn an_announcement_of_the_same_tree_moves_the_head() {
    let mut state = known();
    assert_eq!(state.sync(head(2, 10), NOW), Decision::Apply);
    assert_eq!(state.head(), Some(&head(2, 10)));
    assert_eq!(commit(&mut state, Some(head(2, 10)), head(3, 30)), Decision::Apply);
}

#[test]
fn an_announcement_of_another_tree_shows_a_gap() {
    let mut state = known();
    assert_eq!(state.sync(head(2, 20), NOW), Decision::Resync(Gap::Moved));
    assert_eq!((state.phase(), state.head()), (Phase::Desynchronized, Some(&head(1, 10))));
    assert_eq!(RepoState::default().sync(head(2, 20), NOW), Decision::Resync(Gap::Unknown));
}

#[test]
fn events_wait_during_a_fetch_and_are_dropped_before_it() {
    let next = (Some(head(1, 10)), head(2, 20));
    let mut state = lost();
    assert_eq!(commit(&mut state, next.0.clone(), next.1.clone()), Decision::Ignore(Ignored::Desynchronized));
    assert_eq!(state.sync(next.1.clone(), NOW), Decision::Ignore(Ignored::Desynchronized));
    state.begin();
    assert_eq!(commit(&mut state, next.0.clone(), next.1.clone()), Decision::Queue);
    assert_eq!(state.sync(next.1.clone(), NOW), Decision::Queue);
    assert_eq!(commit(&mut state, None, head(1, 10)), Decision::Ignore(Ignored::Old));
    state.fail();
    assert_eq!(state, lost());
}

#[test]
fn after_a_fetch_the_next_commit_has_to_follow_it() {
    let mut state = lost();
    state.begin();
    assert_eq!(state.fetched(head(5, 50), NOW), Decision::Apply);
    assert_eq!(commit(&mut state, Some(head(3, 30)), head(4, 40)), Decision::Ignore(Ignored::Old));
    assert_eq!(commit(&mut state, Some(head(5, 50)), head(6, 60)), Decision::Apply);
    let mut state = RepoState::at(head(5, 50));
    let gap = commit(&mut state, Some(head(6, 60)), head(7, 70));
    assert!(matches!(gap, Decision::Resync(Gap::Broken { .. })));
}

#[test]
fn a_fetch_of_something_older_is_refused() {
    let mut state = lost();
    state.begin();
    assert_eq!(state.fetched(head(0, 0), NOW), Decision::Ignore(Ignored::Old));
    assert_eq!(state, lost());
    assert_eq!(state.fetched(head(1, 10), NOW), Decision::Apply);
    assert_eq!(state, known());
}

#[test]
fn an_account_that_is_not_active_stands_still() {
    let mut state = known();
    state.account(false, Some(AccountStatus::Deactivated));
    assert_eq!((state.is_active(), state.status()), (false, Some(&AccountStatus::Deactivated)));
    assert_eq!(commit(&mut state, Some(head(1, 10)), head(2, 20)), Decision::Ignore(Ignored::Inactive));
    assert_eq!(state.sync(head(2, 20), NOW), Decision::Ignore(Ignored::Inactive));
    state.account(true, None);
    assert_eq!(commit(&mut state, Some(head(1, 10)), head(2, 20)), Decision::Apply);
    state.account(false, None);
    assert!(!state.is_active() && state.status().is_none());
}

#[test]
fn a_fetch_does_not_outlive_the_program() {
    let state = RepoState::from_parts(Some(head(1, 10)), Phase::InProgress, true, None);
    assert_eq!(state, lost());
}

#[test]
fn a_state_is_small() {
    assert!(size_of::<RepoState>() <= 96, "{}", size_of::<RepoState>());
}

/// A commit of a publisher: what it adds to the content of the one before.
#[derive(Clone, Debug)]
struct Truth {
    /// The number of its revision, which need not be the next one.
    number: u64,
    before: Option<(u64, i64)>,
    delta: i64,
    after: i64,
}

impl Truth {
    fn step(&self) -> Step {
        step(self.before.map(|(number, content)| head(number, content)), head(self.number, self.after))
    }
}

/// A history of commits with these changes.
fn history(deltas: &[i64], from: u64) -> Vec<Truth> {
    let (mut before, mut content) = (None, 0);
    let commit = |(index, delta): (usize, &i64)| {
        let number = from + 2 * index as u64;
        content += delta;
        let truth = Truth { number, before, delta: *delta, after: content };
        before = Some((number, content));
        truth
    };
    deltas.iter().enumerate().map(commit).collect()
}

/// What happens to a receiver. Numbers are taken modulo the length of the history.
#[derive(Clone, Debug)]
enum Act {
    /// The commit arrives: late, twice, or not at all before others.
    Commit(usize),
    /// One of another history of the same account arrives, as of a host that lost its memory.
    Other(usize),
    /// A commit arrives whose content is not what its operations make of the one before; nobody may take it.
    Lie(usize, i64),
    Sync(usize),
    Begin,
    Fetched(usize),
    Fail,
    Account(bool),
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0..64_usize).prop_map(Act::Commit),
        1 => (0..64_usize).prop_map(Act::Other),
        2 => (0..64_usize, 1..9_i64).prop_map(|(which, by)| Act::Lie(which, by)),
        2 => (0..64_usize).prop_map(Act::Sync),
        2 => Just(Act::Begin),
        3 => (0..64_usize).prop_map(Act::Fetched),
        1 => Just(Act::Fail),
        1 => any::<bool>().prop_map(Act::Account),
        1 => Just(Act::Restart),
    ]
}

/// A receiver: what it knows, what it has, and what waits.
#[derive(Default)]
struct Receiver {
    state: RepoState,
    content: i64,
    queue: Vec<Truth>,
}

impl Receiver {
    fn take(&mut self, truth: &Truth) -> Decision {
        // What verification is about: the operations lead from the tree before to the tree after.
        let is_true = truth.before.map_or(0, |(_, content)| content) + truth.delta == truth.after;
        if !is_true {
            return self.state.triage(&rev(truth.number), NOW).unwrap_or_else(|| self.state.lose(Gap::Unproven));
        }
        let decision = self.state.commit(truth.step(), Start::Fetch, NOW);
        match decision {
            Decision::Apply => self.content += truth.delta,
            Decision::Queue => self.queue.push(truth.clone()),
            _ => {}
        }
        decision
    }

    fn fetched(&mut self, truth: &Truth) {
        let queue = std::mem::take(&mut self.queue);
        if self.state.fetched(head(truth.number, truth.after), NOW) == Decision::Apply {
            self.content = truth.after;
            queue.iter().for_each(|truth| drop(self.take(truth)));
        }
    }

    fn act(&mut self, act: &Act, truths: &[Truth], others: &[Truth]) {
        match act {
            Act::Commit(which) => drop(self.take(&truths[which % truths.len()])),
            Act::Other(which) => drop(self.take(&others[which % others.len()])),
            Act::Lie(which, by) => {
                let truth = truths[which % truths.len()].clone();
                self.take(&Truth { after: truth.after + by, ..truth });
            }
            Act::Sync(which) => {
                let Truth { number, after, .. } = truths[which % truths.len()];
                self.state.sync(head(number, after), NOW);
            }
            Act::Begin if self.state.phase() == Phase::Desynchronized => self.state.begin(),
            Act::Fetched(which) if self.state.phase() == Phase::InProgress => {
                self.fetched(&truths[which % truths.len()]);
            }
            Act::Fail if self.state.phase() == Phase::InProgress => {
                self.state.fail();
                self.queue.clear();
            }
            Act::Account(active) => self.state.account(*active, None),
            Act::Restart => {
                let RepoState { head, phase, inactive, status } = self.state.clone();
                self.state = RepoState::from_parts(head, phase, !inactive, status);
                self.queue.clear();
            }
            _ => {}
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        if let (Phase::Synchronized, Some(head)) = (self.state.phase(), self.state.head()) {
            prop_assert_eq!(head.data, data(self.content));
        }
        prop_assert!(self.queue.is_empty() || self.state.phase() == Phase::InProgress);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn whoever_calls_itself_synchronized_has_what_the_publisher_has(
        deltas in prop::collection::vec(-2..3_i64, 1..12),
        others in prop::collection::vec(-2..3_i64, 1..12),
        acts in prop::collection::vec(act(), 0..60),
    ) {
        let (truths, others) = (history(&deltas, 1), history(&others, 2));
        let mut receiver = Receiver::default();
        for act in &acts {
            let known = receiver.state.head().map(|head| head.rev.clone());
            receiver.act(act, &truths, &others);
            receiver.check()?;
            prop_assert!(known <= receiver.state.head().map(|head| head.rev.clone()), "a head never goes back");
        }
        // And whatever happened, one fetch mends it.
        let end = Truth { number: 1_000, before: None, delta: 0, after: 5 };
        receiver.act(&Act::Account(true), &truths, &others);
        receiver.state.begin();
        receiver.fetched(&end);
        receiver.check()?;
        let next = Truth { number: 1_001, before: Some((1_000, 5)), delta: 2, after: 7 };
        prop_assert_eq!(receiver.take(&next), Decision::Apply);
        receiver.check()?;
    }

    #[test]
    fn commits_in_order_are_all_applied(deltas in prop::collection::vec(-2..3_i64, 1..12), again in any::<bool>()) {
        let mut receiver = Receiver::default();
        for truth in history(&deltas, 1) {
            prop_assert_eq!(receiver.take(&truth), Decision::Apply);
            if again {
                prop_assert_eq!(receiver.take(&truth), Decision::Ignore(Ignored::Old));
            }
            receiver.check()?;
        }
    }
}
