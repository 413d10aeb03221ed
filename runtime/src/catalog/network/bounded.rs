//! A map that forgets what was not used for longest.

use std::{borrow::Borrow, collections::HashMap, hash::Hash};

/// Values by key, up to a total weight.
pub(super) struct Bounded<K, V> {
    items: HashMap<K, Item<V>>,
    weight: usize,
    max: usize,
    /// Counts uses.
    clock: u64,
}

struct Item<V> {
    value: V,
    weight: usize,
    used: u64,
}

impl<K: Clone + Eq + Hash, V> Bounded<K, V> {
    /// Up to `max` of weight.
    pub(super) fn new(max: usize) -> Self {
        Self { items: HashMap::new(), weight: 0, max, clock: 0 }
    }

    /// The value of a key, which is used by that.
    pub(super) fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.clock += 1;
        let item = self.items.get_mut(key)?;
        item.used = self.clock;
        Some(&item.value)
    }

    /// Sets the value of a key, and forgets others until there is room for it.
    pub(super) fn insert(&mut self, key: K, value: V, weight: usize) {
        self.clock += 1;
        let used = self.clock;
        let before = self.items.insert(key, Item { value, weight, used });
        self.weight = self.weight - before.map_or(0, |item| item.weight) + weight;
        while self.weight > self.max && self.items.len() > 1 {
            self.forget_one();
        }
    }

    fn forget_one(&mut self) {
        let oldest = self.items.iter().min_by_key(|(_, item)| item.used).map(|(key, _)| key.clone());
        if let Some(item) = oldest.and_then(|key| self.items.remove(&key)) {
            self.weight -= item.weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let mut map = Bounded::new(3);
        for key in ["a", "b", "c"] {
            map.insert(key, (), 1);
        }
        assert!(map.get("a").is_some());
        map.insert("d", (), 1);
        let there = ["a", "b", "c", "d"].map(|key| map.get(key).is_some());
        assert_eq!(there, [true, false, true, true]);
    }

    #[test]
    fn a_heavy_value_takes_the_room_of_many() {
        let mut map = Bounded::new(10);
        (0..10).for_each(|key| map.insert(key, (), 1));
        map.insert(10, (), 8);
        assert_eq!((0..11).filter(|key| map.get(key).is_some()).count(), 3);
    }

    #[test]
    fn a_value_that_is_replaced_weighs_no_more() {
        let mut map = Bounded::new(2);
        map.insert("a", 1, 1);
        (0..100).for_each(|value| map.insert("b", value, 1));
        assert_eq!((map.get("a").copied(), map.get("b").copied()), (Some(1), Some(99)));
    }
}
