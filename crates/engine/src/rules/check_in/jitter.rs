//! When within the day a prompt falls: not to be guessed from the day before, and yet the same
//! whenever it is worked out.

use chrono::TimeDelta;

use crate::windows::Span;

/// A 64-bit hash of `name`: FNV-1a (offset basis and prime of the FNV authors), whose weak high
/// bits the finalizer of SplitMix64 (Steele, Lea and Flood, 2014) then mixes. Not to be changed:
/// prompts already sent would be asked again at other times.
pub(super) fn hash(name: &str) -> u64 {
    let basis = 0xcbf2_9ce4_8422_2325_u64;
    let fnv = name.bytes().fold(basis, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (fnv ^ (fnv >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// How long after `hours` begin the `ordinal`-th (from 0) of `prompts` falls, in whole seconds:
/// within the first `percent` per cent of its equal share of them, as `name` decides.
pub(super) fn offset(
    name: &str,
    hours: Span,
    ordinal: u32,
    prompts: u32,
    percent: u32,
) -> TimeDelta {
    let whole_s = hours.end.since(hours.start).num_seconds();
    let edge = |ordinal: i64| whole_s * ordinal / i64::from(prompts.max(1));
    let ordinal = i64::from(ordinal);
    let (from_s, to_s) = (edge(ordinal), edge(ordinal + 1));
    let room_s = ((to_s - from_s) * i64::from(percent) / 100).max(1);
    TimeDelta::seconds(from_s + below(hash(name), room_s))
}

/// `hash` scaled to 0 up to, not including, `limit`.
fn below(hash: u64, limit: i64) -> i64 {
    let scaled = (u128::from(hash) * u128::from(limit.unsigned_abs())) >> 64;
    i64::try_from(scaled).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::*;

    #[test]
    fn the_hash_is_what_it_always_was() {
        // FNV-1a of "a" is af63_dc4c_8601_ec8c, as its authors publish; mixed, worked out apart.
        assert_eq!(hash("a"), 0x02c0_bdbf_4814_20f8);
        assert_ne!(hash("a"), hash("b"));
    }

    #[test]
    fn prompts_keep_to_their_share_and_use_all_of_it() {
        let at = |ms| Timestamp::from_epoch_ms(ms).unwrap();
        let hours = Span {
            start: at(0),
            end: at(12_000_000),
        };
        let offsets = |ordinal| {
            let name = |day: u32| format!("0/W-1/C-1/{day}/{ordinal}");
            let offset = move |day| offset(&name(day), hours, ordinal, 3, 75).num_seconds();
            (0..400).map(offset).collect::<Vec<i64>>()
        };
        for ordinal in 0..3 {
            let (from, all) = (i64::from(ordinal) * 4000, offsets(ordinal));
            let (least, most) = (all.iter().min().unwrap(), all.iter().max().unwrap());
            assert!((from..from + 100).contains(least), "{least}");
            assert!((from + 2900..from + 3000).contains(most), "{most}");
            let mean = all.iter().sum::<i64>() / 400;
            assert!((mean - from - 1500).abs() < 150, "{mean}");
        }
    }
}
