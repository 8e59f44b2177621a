//! Whose readings a block holds, so that it need not be read for anybody else's.

/// CRC-32s of the ids of wearers and devices, ascending, four bytes each. Two ids may share one: then a
/// block is read in vain.
#[derive(Debug, Default)]
pub(super) struct Keys(Vec<u32>);

impl Keys {
    /// With room for those of so many readings.
    pub(super) fn of(readings: usize) -> Self {
        Self(Vec::with_capacity(2 * readings))
    }

    pub(super) fn add(&mut self, id: &str) {
        self.0.push(crc32fast::hash(id.as_bytes()));
    }

    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.0.sort_unstable();
        self.0.dedup();
        self.0.into_iter().flat_map(u32::to_be_bytes).collect()
    }
}

/// The key of a wearer or device, as it stands among others.
pub(super) fn key(id: &str) -> [u8; 4] {
    crc32fast::hash(id.as_bytes()).to_be_bytes()
}

/// Whether a block with these keys may hold readings of a wearer or device.
pub(super) fn may_hold(keys: &[u8], id: &str) -> bool {
    may_hold_any(keys, &[key(id)])
}

/// Whether a block with these keys may hold readings of one of these.
pub(super) fn may_hold_any(keys: &[u8], wanted: &[[u8; 4]]) -> bool {
    let (keys, _rest) = keys.as_chunks::<4>();
    wanted.iter().any(|key| keys.binary_search(key).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_held_and_little_else() {
        let ids: Vec<String> = (0..1_000).map(|n| format!("W-{n}")).collect();
        let mut keys = Keys::of(ids.len());
        ids.iter().for_each(|id| keys.add(id));
        let bytes = keys.into_bytes();
        assert!(ids.iter().all(|id| may_hold(&bytes, id)));
        let in_vain = (1_000..11_000).filter(|n| may_hold(&bytes, &format!("W-{n}")));
        assert!(in_vain.count() < 10);
        assert!(!may_hold(&[], "W-1"));
        assert!(may_hold_any(&bytes, &[key("W-1000"), key("W-1")]));
        assert!(!may_hold_any(&bytes, &[]));
        assert!(
            ids.iter()
                .all(|id| bytes.as_chunks::<4>().0.contains(&key(id)))
        );
    }
}
