//! The log beside a naive model of the rules, which decides everything anew from the whole history and knows who signed
//! what.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{
    super::testing::{at_millis, data, did, did_key, key},
    *,
};
use crate::crypto::{Curve, SigningKey};

static KEYS: LazyLock<[(SigningKey, String); 3]> = LazyLock::new(|| {
    ["1", "2", "3"].map(|text| {
        let key = key(Curve::K256, text);
        let did_key = did_key(&key);
        (key, did_key)
    })
});
const HOUR: i64 = 3_600_000;

/// What somebody tries to add.
#[derive(Clone, Debug)]
struct Attempt {
    author: usize,
    /// The rotation keys of the new state; none for a tombstone.
    keys: Option<Vec<usize>>,
    /// Which of all attempts so far it follows.
    prev: prop::sample::Index,
    /// Whether it follows the latest operation instead.
    plain: bool,
    /// Its distance from the time of another attempt.
    since: prop::sample::Index,
    millis: i64,
    /// Whether it is an earlier attempt once more.
    again: bool,
}

/// An operation as the model sees it.
#[derive(Clone, Debug)]
struct Known {
    cid: Cid,
    prev: Option<Cid>,
    author: usize,
    keys: Option<Vec<usize>>,
    millis: i64,
}

#[derive(Debug, PartialEq)]
enum Verdict {
    Follows { undone: Vec<Cid> },
    Refused(LogError),
}

/// The operations that hold after all of these were taken, in order.
fn holding(history: &[Known]) -> Vec<&Known> {
    history.iter().fold(Vec::new(), |mut holding: Vec<&Known>, operation| {
        let kept = holding.iter().position(|other| Some(other.cid) == operation.prev).map_or(0, |index| index + 1);
        holding.truncate(kept);
        holding.push(operation);
        holding
    })
}

fn decide(history: &[Known], next: &Known) -> Verdict {
    match undone(history, next) {
        Ok(undone) => Verdict::Follows { undone },
        Err(error) => Verdict::Refused(error),
    }
}

fn undone(history: &[Known], next: &Known) -> Result<Vec<Cid>, LogError> {
    if history.is_empty() {
        let own = next.keys.clone().filter(|_| next.prev.is_none()).ok_or(LogError::NoGenesis)?;
        return if own.contains(&next.author) { Ok(Vec::new()) } else { Err(LogError::Signature) };
    }
    if history.iter().any(|other| other.cid == next.cid) {
        return Err(LogError::Duplicate);
    }
    let holding = holding(history);
    let mut rest = holding.iter().skip_while(|other| Some(other.cid) != next.prev);
    let base = rest.next().ok_or(LogError::Misordered { prev: next.prev })?;
    let keys = base.keys.as_ref().ok_or(LogError::Tombstoned)?;
    let rank = |author: usize| keys.iter().position(|key| *key == author);
    let mine = rank(next.author).ok_or(LogError::Signature)?;
    let undone: Vec<&&Known> = rest.collect();
    if let (Some(first), Some(latest)) = (undone.first(), undone.last()) {
        // Whoever signed what is there was allowed to.
        if mine >= rank(first.author).unwrap() {
            return Err(LogError::WeakRecovery);
        }
        if next.millis <= latest.millis {
            return Err(LogError::Clock);
        }
        if next.millis - first.millis > 72 * HOUR {
            return Err(LogError::LateRecovery);
        }
    }
    Ok(undone.into_iter().map(|other| other.cid).collect())
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let keys = prop_oneof![
        6 => Just(Some(vec![0, 1, 2])),
        3 => prop::collection::vec(0..3_usize, 0..5).prop_map(Some),
        1 => Just(None),
    ];
    let millis = prop_oneof![
        8 => Just(1),
        2 => prop::sample::select(vec![-1, 0, HOUR, 71 * HOUR, 72 * HOUR, 72 * HOUR + 1]),
    ];
    (0..3_usize, keys, any::<prop::sample::Index>(), any::<bool>(), any::<prop::sample::Index>(), millis, 0..10_u8)
        .prop_map(|(author, keys, prev, plain, since, millis, again)| Attempt {
            author,
            keys,
            prev,
            plain,
            since,
            millis,
            again: again == 0,
        })
}

/// The log, what the model knows of it, and everything that was tried.
struct Race {
    log: Log,
    history: Vec<Known>,
    tried: Vec<(Known, Operation)>,
}

impl Race {
    fn new(author: usize) -> Self {
        let keys = Some(vec![0, 1, 2]);
        let genesis = sign(author, keys.as_deref(), None, 0);
        let log = Log::new(did(&genesis));
        let known = Known { cid: genesis.cid(), prev: None, author, keys, millis: 0 };
        let mut race = Self { log, history: Vec::new(), tried: Vec::new() };
        race.run(known, genesis);
        race
    }

    fn attempt(&mut self, attempt: &Attempt) {
        let (other, operation) = attempt.prev.get(&self.tried).clone();
        let millis = attempt.since.get(&self.tried).0.millis + attempt.millis;
        if attempt.again {
            return self.run(Known { millis, ..other }, operation);
        }
        let latest = holding(&self.history).last().map(|latest| (latest.cid, latest.millis));
        let (prev, millis) = match latest.filter(|_| attempt.plain) {
            Some((cid, latest)) => (cid, latest + attempt.millis),
            None => (other.cid, millis),
        };
        let operation = sign(attempt.author, attempt.keys.as_deref(), Some(prev), self.tried.len());
        let known = Known {
            cid: operation.cid(),
            prev: Some(prev),
            author: attempt.author,
            keys: attempt.keys.clone(),
            millis,
        };
        self.run(known, operation);
    }

    fn run(&mut self, known: Known, operation: Operation) {
        let expected = decide(&self.history, &known);
        let found = match self.log.append(operation.clone(), at_millis(known.millis)) {
            Ok(appended) => Verdict::Follows { undone: appended.nullified },
            Err(error) => Verdict::Refused(error),
        };
        assert_eq!(found, expected, "{known:?} after {:?}", self.history);
        if matches!(found, Verdict::Follows { .. }) {
            self.history.push(known.clone());
        }
        self.tried.push((known, operation));
        let holding = holding(&self.history);
        assert!(self.log.active().map(|entry| entry.cid).eq(holding.iter().map(|known| known.cid)));
        assert!(self.log.entries().iter().map(|entry| entry.cid).eq(self.history.iter().map(|known| known.cid)));
        assert_eq!(self.log.data().is_some(), holding.last().is_some_and(|known| known.keys.is_some()));
    }
}

/// The number keeps operations apart that are the same otherwise.
fn sign(author: usize, keys: Option<&[usize]>, prev: Option<Cid>, number: usize) -> Operation {
    let content = match (keys, prev) {
        (None, Some(prev)) => Content::Tombstone { prev },
        (keys, prev) => {
            let rotation_keys = keys.unwrap_or_default().iter().map(|key| KEYS[*key].1.clone()).collect();
            let mut data = PlcData { rotation_keys, ..data() };
            data.set_handle(&format!("a{number}.example"));
            Content::Update { data, prev }
        }
    };
    content.sign(&KEYS[author].0).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_several_keys_try_the_log_decides_as_the_rules_say(
        first in 0..3_usize, attempts in prop::collection::vec(attempt(), 1..20),
    ) {
        let mut race = Race::new(first);
        for attempt in &attempts {
            race.attempt(attempt);
        }
    }
}
