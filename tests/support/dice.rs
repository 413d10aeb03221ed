//! Choices, made of numbers that a property test shrinks.

use std::vec;

use proptest::{collection, prelude::*};

/// Where there are no numbers left, every choice is the first, which is always the smallest.
#[derive(Debug)]
pub(crate) struct Dice(vec::IntoIter<u32>);

/// Enough numbers for an answer with some posts.
pub(crate) fn rolls() -> impl Strategy<Value = Vec<u32>> {
    collection::vec(any::<u32>(), 0..500)
}

impl Dice {
    pub(crate) fn new(rolls: Vec<u32>) -> Self {
        Self(rolls.into_iter())
    }

    fn roll(&mut self) -> u32 {
        self.0.next().unwrap_or(0)
    }

    /// A number below `count`, which is not 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        self.roll() as usize % count
    }

    /// True once in `count` times.
    pub(crate) fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.roll().to_le_bytes()[0]
    }
}
