//! A map of a few: a wearer's devices, their orders.

use serde::{Deserialize, Serialize};

/// Values by key, in the order of keys. One run of memory with no room to spare, looked through from its front: of a
/// handful that is faster than a tree, and a tenth of its size.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Few<K, V>(Vec<(K, V)>);

impl<K, V> Default for Few<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V> Few<K, V> {
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let mut all = self.0.iter();
        all.find(|(known, _)| known == key).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let mut all = self.0.iter_mut();
        all.find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Puts in a value, unless there is one with that key.
    pub(crate) fn meet(&mut self, key: &K, make: impl FnOnce() -> V)
    where
        K: Clone,
    {
        if self.get(key).is_none() {
            self.insert(key.clone(), make());
        }
    }

    /// Puts in a value, in the place of the one with that key.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        match self.0.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(index) => {
                if let Some((_, known)) = self.0.get_mut(index) {
                    *known = value;
                }
            }
            Err(index) => {
                self.0.reserve_exact(1);
                self.0.insert(index, (key, value));
            }
        }
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let index = self.0.iter().position(|(known, _)| known == key)?;
        Some(self.0.remove(index).1)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_the_order_of_their_keys_each_once() {
        let mut few = Few::default();
        for (key, value) in [(3, 'c'), (1, 'a'), (2, 'x'), (2, 'b')] {
            few.insert(key, value);
        }
        assert_eq!(few.values().collect::<String>(), "abc");
        assert_eq!(few.get(&2), Some(&'b'));
        assert_eq!(few.remove(&2), Some('b'));
        assert_eq!((few.get(&2), few.values().count()), (None, 2));
    }
}
