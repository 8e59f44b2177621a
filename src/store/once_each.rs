//! Telling repeats of a change from its copies in other partitions.

use std::collections::BTreeMap;

use model::PartitionId;

/// Admits each change once, although several partitions may have journaled it.
///
/// A change that goes to every partition is journaled in each, word for word. The n-th time a
/// partition journals a text is the same event as the n-th time another does: a zone that was
/// moved and moved back was changed twice, and the second change must not pass for a copy of the
/// first.
#[derive(Debug, Default)]
pub(super) struct OnceEach {
    seen: BTreeMap<String, Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    admitted: u64,
    by_partition: BTreeMap<PartitionId, u64>,
}

impl OnceEach {
    /// Whether `text`, as journaled next by `partition`, is new.
    pub(super) fn admits(&mut self, partition: PartitionId, text: &str) -> bool {
        let seen = self.seen.entry(text.to_owned()).or_default();
        let nth = seen.by_partition.entry(partition).or_default();
        *nth += 1;
        let new = *nth > seen.admitted;
        seen.admitted = seen.admitted.max(*nth);
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_in_another_partition_is_not_admitted() {
        let mut once = OnceEach::default();
        assert!(once.admits(PartitionId(0), "zone at A"));
        assert!(!once.admits(PartitionId(1), "zone at A"));
    }

    #[test]
    fn a_zone_that_moves_and_moves_back_was_changed_twice() {
        let mut once = OnceEach::default();
        let mut admitted = Vec::new();
        for text in ["A", "B", "A"] {
            for partition in [0, 1] {
                if once.admits(PartitionId(partition), text) {
                    admitted.push(text);
                }
            }
        }
        assert_eq!(admitted, ["A", "B", "A"]);
    }
}
