//! Readings looked for by their identity, many at once: what comes again comes by the hundred, and a block is
//! gone through once for all of it.

use model::{Identity, Timestamp};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::block::Block;
use super::line::{Lines, Said};
use crate::store::{StoreError, value};

/// Identities, and when the reading of each was observed, as far as it is found.
#[derive(Debug)]
pub(in crate::store) struct Sought<'a> {
    identities: &'a [Identity],
    observed: Vec<Option<Timestamp>>,
    missing: FxHashMap<&'a str, OfDevice>,
}

/// Places of those that are not found.
type OfDevice = FxHashMap<Key, SmallVec<[usize; 1]>>;

/// A running number, or the time observed where there is none.
type Key = (Option<u64>, i64);

fn key(identity: &Identity) -> Key {
    let moment = identity.moment().map_or(0, |(_fact, at)| at.epoch_ms());
    (identity.sequence(), moment)
}

impl<'a> Sought<'a> {
    pub(in crate::store) fn new(identities: &'a [Identity]) -> Self {
        let mut missing: FxHashMap<&str, OfDevice> = FxHashMap::default();
        for (place, identity) in identities.iter().enumerate() {
            let of_device = missing.entry(identity.device().as_str()).or_default();
            of_device.entry(key(identity)).or_default().push(place);
        }
        Self {
            identities,
            observed: vec![None; identities.len()],
            missing,
        }
    }

    /// Whether all are found.
    pub(in crate::store) fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }

    /// Keys of the devices of which something is missing.
    pub(in crate::store) fn keys(&self) -> Vec<[u8; 4]> {
        self.missing
            .keys()
            .map(|device| Block::key(device))
            .collect()
    }

    /// Those that are missing.
    pub(in crate::store) fn missing(&self) -> impl Iterator<Item = &'a Identity> {
        let all = self.identities.iter().zip(&self.observed);
        all.filter(|(_, observed)| observed.is_none())
            .map(|(identity, _)| identity)
    }

    /// Whether this one is missing.
    pub(in crate::store) fn misses(&self, identity: &Identity) -> bool {
        let of_device = self.missing.get(identity.device().as_str());
        let mut places = of_device
            .and_then(|of_device| of_device.get(&key(identity)))
            .into_iter()
            .flatten();
        places.any(|place| self.identities.get(*place) == Some(identity))
    }

    /// Looks for them among these.
    pub(in crate::store) fn look(&mut self, body: &[u8]) -> Result<(), StoreError> {
        let mut lines = Lines::read(body)?;
        while !self.is_complete()
            && let Some(line) = lines.next().transpose()?
        {
            if let Some(said) = &line.said {
                self.hold_against(said)?;
            }
        }
        Ok(())
    }

    fn hold_against(&mut self, said: &Said<'_>) -> Result<(), StoreError> {
        let Some(of_device) = self.missing.get_mut(said.device) else {
            return Ok(());
        };
        let moment = if said.seq.is_some() {
            0
        } else {
            said.observed_ms
        };
        let key = (said.seq, moment);
        let Some(places) = of_device.get_mut(&key) else {
            return Ok(());
        };
        let fact = said.reading()?.report.body.fact();
        let observed = value::instant(said.observed_ms)?;
        let (identities, found) = (self.identities, &mut self.observed);
        places.retain(|place| {
            let moment = identities.get(*place).and_then(Identity::moment);
            let is_it = moment.is_none_or(|(wanted, _at)| wanted == fact);
            if is_it && let Some(found) = found.get_mut(*place) {
                *found = Some(observed);
            }
            !is_it
        });
        if places.is_empty() {
            of_device.remove(&key);
        }
        if of_device.is_empty() {
            self.missing.remove(said.device);
        }
        Ok(())
    }

    /// When the reading of each was observed, in the order asked.
    pub(in crate::store) fn into_observed(self) -> Vec<Option<Timestamp>> {
        self.observed
    }
}

#[cfg(test)]
mod tests {
    use model::EventCode;

    use super::*;
    use crate::store::contract::sample;

    #[test]
    fn each_is_found_where_it_stands_and_only_there() {
        let cut = sample::event("GPS-1", EventCode::StrapCut, 10);
        let kept = [
            sample::fix("GPS-1", Some(7), 60),
            cut.clone(),
            sample::fix("GPS-2", Some(8), 70),
        ];
        let entries: Vec<_> = (1..)
            .zip(kept)
            .map(|(n, reading)| sample::entry(n, reading))
            .collect();
        let body = Block::of(&entries).unwrap().unwrap().body;
        let asked = [
            sample::fix("GPS-1", Some(7), 0),
            sample::fix("GPS-1", Some(7), 99),
            sample::fix("GPS-1", Some(8), 70),
            sample::event("GPS-1", EventCode::CaseOpen, 10),
            cut,
            sample::fix("GPS-1", None, 60),
        ]
        .map(|reading| reading.report.identity());
        let mut sought = Sought::new(&asked);
        sought.look(&body).unwrap();
        let missing: Vec<&Identity> = sought.missing().collect();
        assert_eq!(missing, [&asked[2], &asked[3], &asked[5]]);
        for identity in &asked {
            let is_missing = missing.contains(&identity);
            assert_eq!(sought.misses(identity), is_missing, "{identity:?}");
        }
        assert_eq!(sought.keys(), [Block::key("GPS-1")]);
        assert!(!sought.is_complete());
        let first = Some(sample::at(60));
        let expected = [first, first, None, None, Some(sample::at(10)), None];
        assert_eq!(sought.into_observed(), expected);
    }
}
