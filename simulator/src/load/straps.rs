//! Straps cut at planned times: alerts that a message alone settles, so that the way from publishing
//! to a notification can be measured.

use std::collections::BTreeSet;

use model::WearerId;

use super::tags::wearer;

/// Whose strap is to be cut next: everybody's once, since a second cut belongs to the same episode.
#[derive(Debug, Clone)]
pub struct Straps {
    /// Who has an open alert of one already.
    open: BTreeSet<WearerId>,
    next: usize,
}

impl Straps {
    /// Everybody's but of those who have an open alert of one.
    #[must_use]
    pub fn new(open: impl IntoIterator<Item = WearerId>) -> Self {
        Self {
            open: open.into_iter().collect(),
            next: 0,
        }
    }

    /// The next wearer of so many, by number; none when everybody has had their turn.
    pub(crate) fn next_of(&mut self, wearers: usize) -> Option<(usize, WearerId)> {
        while self.next < wearers {
            let number = self.next;
            self.next += 1;
            let Ok(wearer) = wearer(number) else { continue };
            if !self.open.contains(&wearer) {
                return Some((number, wearer));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_one_turn_but_those_with_an_open_alert() {
        let mut straps = Straps::new([wearer(1).unwrap()]);
        let mut turns = Vec::new();
        while let Some((number, _)) = straps.next_of(4) {
            turns.push(number);
        }
        assert_eq!(turns, [0, 2, 3]);
        assert_eq!(straps.next_of(5).unwrap().1, wearer(4).unwrap());
    }
}
