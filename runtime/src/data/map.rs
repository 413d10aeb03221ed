use std::{cmp::Ordering, fmt};

use super::Value;

/// A map of the data model: text keys, each at most once, in canonical order.
///
/// Canonical order is the order in which DAG-CBOR writes keys: the one with fewer UTF-8 bytes
/// first, and by bytes among those of equal length.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Map(Vec<(String, Value)>);

/// How two keys stand to each other in canonical order.
pub(crate) fn key_order(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

impl Map {
    /// An empty map.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        let index = self.find(key).ok()?;
        self.0.get(index).map(|(_, value)| value)
    }

    /// The value of a key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let index = self.find(key).ok()?;
        self.0.get_mut(index).map(|(_, value)| value)
    }

    /// Whether the key is there.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.find(key).is_ok()
    }

    /// Sets the value of a key; gives back what it was. Cheap where the key comes last in
    /// canonical order.
    pub fn insert(&mut self, key: String, value: Value) -> Option<Value> {
        if self.comes_last(&key) {
            self.0.push((key, value));
            return None;
        }
        match self.find(&key) {
            Ok(index) => {
                let (_, old) = self.0.get_mut(index)?;
                Some(std::mem::replace(old, value))
            }
            Err(index) => {
                self.0.insert(index, (key, value));
                None
            }
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let index = self.find(key).ok()?;
        Some(self.0.remove(index).1)
    }

    /// The entries in canonical order.
    pub fn iter(&self) -> MapIter<'_> {
        MapIter(self.0.iter())
    }

    /// The keys in canonical order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    /// The values in the canonical order of their keys.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> + DoubleEndedIterator {
        self.0.iter().map(|(_, value)| value)
    }

    /// The entries, which stand in canonical order.
    pub(crate) fn from_sorted(entries: Vec<(String, Value)>) -> Self {
        debug_assert!(entries.is_sorted_by(|a, b| key_order(&a.0, &b.0).is_lt()));
        Self(entries)
    }

    /// The entries, whatever their order was.
    ///
    /// # Errors
    /// A key that stands more than once.
    pub(crate) fn from_unsorted(mut entries: Vec<(String, Value)>) -> Result<Self, String> {
        if entries.is_sorted_by(|a, b| key_order(&a.0, &b.0).is_lt()) {
            return Ok(Self(entries));
        }
        entries.sort_by(|a, b| key_order(&a.0, &b.0));
        match entries.windows(2).position(same_key) {
            Some(index) => Err(entries.swap_remove(index).0),
            None => Ok(Self(entries)),
        }
    }

    pub(crate) fn entries(&self) -> &[(String, Value)] {
        &self.0
    }

    fn comes_last(&self, key: &str) -> bool {
        self.0.last().is_none_or(|(last, _)| key_order(last, key).is_lt())
    }

    fn find(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| key_order(own, key))
    }
}

fn same_key(pair: &[(String, Value)]) -> bool {
    matches!(pair, [(a, _), (b, _)] if a == b)
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Of several entries with one key the last one stays.
impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut entries: Vec<(String, Value)> =
            entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        entries.sort_by(|a, b| key_order(&a.0, &b.0));
        entries.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        Self(entries)
    }
}

impl IntoIterator for Map {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a str, &'a Value);
    type IntoIter = MapIter<'a>;

    fn into_iter(self) -> MapIter<'a> {
        self.iter()
    }
}

/// The entries of a [`Map`] in canonical order.
#[derive(Clone, Debug)]
pub struct MapIter<'a>(std::slice::Iter<'a, (String, Value)>);

impl<'a> Iterator for MapIter<'a> {
    type Item = (&'a str, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key.as_str(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for MapIter<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_in_canonical_order() {
        let map: Map = ["abc", "é", "aa", "", "z", "ab", "b"].into_iter().map(|key| (key, Value::Null)).collect();
        assert!(map.keys().eq(["", "b", "z", "aa", "ab", "é", "abc"]));
    }

    #[test]
    fn inserting_keeps_the_order_and_replaces() {
        let mut map = Map::new();
        assert_eq!(map.insert("bb".into(), Value::Int(1)), None);
        assert_eq!(map.insert("a".into(), Value::Int(2)), None);
        assert_eq!(map.insert("bb".into(), Value::Int(3)), Some(Value::Int(1)));
        assert!(map.keys().eq(["a", "bb"]));
        assert_eq!(map.get("bb"), Some(&Value::Int(3)));
        assert_eq!(map.remove("a"), Some(Value::Int(2)));
        assert_eq!(map.get("a"), None);
        assert_eq!(map.len(), 1);
    }

    #[test]
    fn the_last_of_repeated_keys_stays() {
        let map: Map = [("a", 1), ("b", 2), ("a", 3), ("a", 4)].into_iter().collect();
        assert_eq!(map, [("a", 4), ("b", 2)].into_iter().collect());
    }

    #[test]
    fn a_repeated_key_is_named() {
        let entries = ["b", "a", "b"].map(|key| (key.to_owned(), Value::Null));
        assert_eq!(Map::from_unsorted(entries.into()), Err("b".to_owned()));
    }
}
