//! Seeded randomness, the same on every machine.

use rand::Rng as _;
use rand_pcg::Pcg64;

/// What a stream of numbers is for: each purpose and wearer has its own, so that one more draw here
/// changes nothing there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Who a wearer is and where they live.
    Person,
    /// What a wearer does on one day.
    Day,
    /// When a tag has no signal.
    Link,
    /// What a tag measures.
    Tag,
    /// What a receiver measures beside a known truth.
    Trial,
    /// When a load's messages are due.
    Load,
    /// Who must not drink, and how their tag uploads.
    Abstinence,
    /// What a wearer drinks on one day.
    Drink,
    /// What an alcohol tag measures.
    AlcoholTag,
    /// When a strap is cut.
    Strap,
    /// Which tags have a bug, and when it shows.
    FirmwareBug,
    /// How far a tag's clock is off.
    Clock,
    /// Who has a home unit, and what it hears.
    HomeUnit,
    /// Who answers prompts, and which.
    CheckIn,
    /// How long a battery lasts, and when it is charged.
    Battery,
}

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Dice(Pcg64);

impl Dice {
    /// The stream for `purpose` of the `index`-th wearer; `part` tells days or hours apart.
    pub(crate) fn new(seed: u64, purpose: Stream, index: u64, part: u64) -> Self {
        let purpose = match purpose {
            Stream::Person => 1,
            Stream::Day => 2,
            Stream::Link => 3,
            Stream::Tag => 4,
            Stream::Trial => 5,
            Stream::Load => 6,
            Stream::Abstinence => 7,
            Stream::Drink => 8,
            Stream::AlcoholTag => 9,
            Stream::Strap => 10,
            Stream::FirmwareBug => 11,
            Stream::Clock => 12,
            Stream::HomeUnit => 13,
            Stream::CheckIn => 14,
            Stream::Battery => 15,
        };
        let state = (u128::from(mixed(seed ^ mixed(part))) << 64) | u128::from(mixed(index));
        let stream = (u128::from(index) << 64) | u128::from(mixed(part) ^ purpose);
        let mut numbers = Pcg64::new(state, stream);
        // The first number of neighbouring streams may still resemble one another.
        let _discarded = numbers.next_u64();
        Self(numbers)
    }

    /// Evenly from [0, 1).
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact in an f64")]
    pub(crate) fn unit(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.0.next_u64() >> 11) as f64 * STEP
    }

    /// Evenly from [`low`, `high`).
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number, evenly from `low` to `high`, both included.
    pub(crate) fn whole(&mut self, low: i64, high: i64) -> i64 {
        let span = high
            .saturating_sub(low)
            .saturating_add(1)
            .max(1)
            .unsigned_abs();
        low.saturating_add_unsigned(self.0.next_u64() % span)
    }

    /// True in `probability` of all cases.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of `things`; none, if there are none.
    pub(crate) fn pick<'a, T>(&mut self, things: &'a [T]) -> Option<&'a T> {
        let last = i64::try_from(things.len()).ok()?.checked_sub(1)?;
        let index = self.whole(0, last);
        things.get(usize::try_from(index).ok()?)
    }

    /// From the standard normal distribution (Box and Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.unit())).sqrt();
        radius * libm::cos(core::f64::consts::TAU * self.unit())
    }
}

/// A word in which every bit of the input counts (the finaliser of SplitMix64).
const fn mixed(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_every_part_of_their_name_and_repeat_exactly() {
        let first =
            |seed, purpose, index, part| Dice::new(seed, purpose, index, part).unit().to_bits();
        let base = first(1, Stream::Day, 2, 3);
        assert_eq!(base, first(1, Stream::Day, 2, 3));
        for other in [
            first(2, Stream::Day, 2, 3),
            first(1, Stream::Tag, 2, 3),
            first(1, Stream::Day, 3, 3),
            first(1, Stream::Day, 2, 4),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn the_numbers_have_the_distributions_they_claim() {
        let mut dice = Dice::new(7, Stream::Tag, 0, 0);
        let n = 20_000;
        let evenly: f64 = (0..n).map(|_| dice.unit()).sum::<f64>() / f64::from(n);
        assert!((evenly - 0.5).abs() < 0.01, "{evenly}");
        let normal: Vec<f64> = (0..n).map(|_| dice.normal()).collect();
        let mean = normal.iter().sum::<f64>() / f64::from(n);
        let square = normal.iter().map(|x| x * x).sum::<f64>() / f64::from(n);
        assert!(
            mean.abs() < 0.03 && (square - 1.0).abs() < 0.05,
            "{mean} {square}"
        );
        assert!((0..n).all(|_| (3..=5).contains(&dice.whole(3, 5))));
        assert_eq!(dice.pick::<u8>(&[]), None);
    }
}
