//! Whatever happens, in whatever order: no answer is older than it may be, and none is made up.

use std::time::Duration;

use proptest::prelude::*;

use super::{
    Freshness, Said, World, alice,
    world::{KEY, document},
};
use crate::identity::IdentityError;

#[derive(Clone, Debug)]
enum Step {
    /// So many seconds pass.
    Pass(u64),
    /// The truth changes.
    Become(Truth),
    Forget,
    Ask(Freshness),
    RunBackground,
}

/// What the directory says from some second on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Truth {
    Version(u64),
    Gone,
    Failing,
}

/// What the directory said, and since which second.
#[derive(Default)]
struct History(Vec<(u64, Truth)>);

impl History {
    /// Whether something was true at any time in the last seconds, and not only before the given second.
    fn was_true(&self, truth: Truth, now: u64, seconds: u64, not_before: u64) -> bool {
        let from = now.saturating_sub(seconds).max(not_before);
        let ends = self.0.iter().skip(1).map(|(begin, _)| *begin).chain([u64::MAX]);
        self.0.iter().zip(ends).any(|((_, said), end)| *said == truth && end >= from)
    }
}

fn freshness() -> impl Strategy<Value = Freshness> {
    prop_oneof![
        3 => Just(Freshness::Cached),
        1 => Just(Freshness::Fresh),
        1 => (0..8000_u64).prop_map(|seconds| Freshness::MaxAge(Duration::from_secs(seconds))),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let pass = prop_oneof![0..20_u64, 200..400_u64, 3000..5000_u64, 70_000..100_000_u64];
    let truth = prop_oneof![
        4 => any::<u16>().prop_map(|version| Truth::Version(version.into())),
        1 => Just(Truth::Gone),
        2 => Just(Truth::Failing),
    ];
    prop_oneof![
        3 => pass.prop_map(Step::Pass),
        2 => truth.prop_map(Step::Become),
        1 => Just(Step::Forget),
        5 => freshness().prop_map(Step::Ask),
        1 => Just(Step::RunBackground),
    ]
}

fn become_true(world: &World, truth: Truth) {
    let said = match truth {
        Truth::Version(version) => {
            let name = format!("https://version.example.com/{version}");
            Said::Body(document(&alice(), "alice.example.com", KEY).with_also_known_as(name).to_json())
        }
        Truth::Gone => Said::Status(404),
        Truth::Failing => Said::Reset,
    };
    world.says(&alice(), said);
}

/// How many seconds an answer may be old.
fn limit(truth: Truth, freshness: Freshness) -> u64 {
    let longest = match truth {
        Truth::Version(_) => 25 * 3600,
        Truth::Gone => 300,
        Truth::Failing => 15,
    };
    match (freshness, truth) {
        (Freshness::Fresh, _) => 10,
        (Freshness::MaxAge(age), Truth::Version(_) | Truth::Gone) => age.as_secs().max(10).min(longest),
        _ => longest,
    }
}

async fn run(steps: Vec<Step>, background: bool) -> Result<(), TestCaseError> {
    let world = World::empty();
    let resolver = if background { world.with_background() } else { world.resolver() };
    let mut history = History(vec![(0, Truth::Gone)]);
    let (mut now, mut forgotten) = (0, 0);
    for step in steps {
        match step {
            Step::Pass(seconds) => {
                now += seconds;
                world.pass(Duration::from_secs(seconds));
            }
            Step::Become(truth) => {
                become_true(&world, truth);
                history.0.push((now, truth));
            }
            Step::Forget => {
                resolver.forget(&alice());
                forgotten = now;
            }
            Step::RunBackground => drop(world.run_background().await),
            Step::Ask(freshness) => {
                let told = match resolver.document(&alice(), freshness).await {
                    Ok(document) => {
                        let (_, version) = document.also_known_as()[1].rsplit_once('/').unwrap();
                        Truth::Version(version.parse().unwrap())
                    }
                    Err(IdentityError::NotFound) => Truth::Gone,
                    Err(_) => Truth::Failing,
                };
                let limit = limit(told, freshness);
                let was_true = history.was_true(told, now, limit, forgotten);
                prop_assert!(
                    was_true,
                    "{told:?} for {freshness:?} at {now}, forgotten at {forgotten}: {:?}",
                    history.0
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_answer_is_older_than_it_may_be(steps in prop::collection::vec(step(), 1..60), background in any::<bool>()) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(run(steps, background))?;
    }
}
