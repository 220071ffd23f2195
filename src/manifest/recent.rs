//! What was made lately.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

/// Values by what they were made of, at most twice as many as one half has room for. When the young
/// half is full, it becomes the old one; what nobody asked for in the former old one leaves.
#[derive(Debug)]
pub struct Recent<K, V: ?Sized> {
    halves: RwLock<Halves<K, V>>,
    room: usize,
}

#[derive(Debug)]
struct Halves<K, V: ?Sized> {
    young: BTreeMap<K, Arc<V>>,
    old: BTreeMap<K, Arc<V>>,
}

impl<K: Ord, V: ?Sized> Recent<K, V> {
    /// Nothing yet; `room` is that of one half.
    pub fn new(room: usize) -> Recent<K, V> {
        let halves = Halves { young: BTreeMap::new(), old: BTreeMap::new() };
        Recent { halves: RwLock::new(halves), room }
    }

    /// What was made of `key`, when it is still here.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        {
            let halves = self.halves.read().expect("no thread panics in here");
            if let Some(found) = halves.young.get(key) {
                return Some(Arc::clone(found));
            }
            halves.old.get(key)?;
        }
        let mut halves = self.halves.write().expect("no thread panics in here");
        // Another thread may have moved it meanwhile.
        match halves.old.remove_entry(key) {
            Some((key, value)) => {
                self.put(&mut halves, key, Arc::clone(&value));
                Some(value)
            }
            None => halves.young.get(key).map(Arc::clone),
        }
    }

    /// Keeps what was made of `key`.
    pub fn add(&self, key: K, value: Arc<V>) {
        let mut halves = self.halves.write().expect("no thread panics in here");
        self.put(&mut halves, key, value);
    }

    /// Forgets everything.
    pub fn clear(&self) {
        let mut halves = self.halves.write().expect("no thread panics in here");
        *halves = Halves { young: BTreeMap::new(), old: BTreeMap::new() };
    }

    fn put(&self, halves: &mut Halves<K, V>, key: K, value: Arc<V>) {
        if halves.young.len() >= self.room && !halves.young.contains_key(&key) {
            halves.old = std::mem::take(&mut halves.young);
        }
        halves.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_leaves() {
        let recent: Recent<String, usize> = Recent::new(4);
        for number in 0..100 {
            recent.add(number.to_string(), Arc::new(number));
            assert_eq!(recent.get("0").as_deref(), Some(&0), "{number}");
            assert_eq!(recent.get(&*number.to_string()).as_deref(), Some(&number));
        }
        let here = (0..100).filter(|number| recent.get(&*number.to_string()).is_some()).count();
        assert!((4..=8).contains(&here), "{here}");
        recent.clear();
        assert_eq!(recent.get("0"), None);
    }
}
