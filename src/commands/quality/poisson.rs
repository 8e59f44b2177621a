//! What so few events say about their rate.

/// The chance, of a rate at the bound or above, to have seen as few events as were seen.
const TAIL: f64 = 0.05;

/// Halvings of the interval: beyond what an f64 tells apart.
const HALVINGS: u32 = 60;

/// Terms of the sum below which nothing is added any more, relative to the largest.
const NEGLIGIBLE: f64 = 1e-17;

/// The one-sided 95 % upper bound of a Poisson mean of which `count` events were seen: exact, the
/// mean μ at which P(N ≤ count) = 0.05.
pub(super) fn upper_bound(count: u64) -> f64 {
    let count = real(count);
    let mut low = count;
    let mut high = count + 5.0 * (count + 1.0).sqrt() + 5.0;
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if at_most(count, middle) > TAIL {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// P(N ≤ count) for a Poisson variable of this mean, which is `count` or more: the terms fall from
/// the last one downwards.
fn at_most(count: f64, mean: f64) -> f64 {
    let mut term = libm::exp(count * libm::log(mean) - mean - libm::lgamma(count + 1.0));
    let mut sum = term;
    let mut events = count;
    while events > 0.0 {
        term *= events / mean;
        sum += term;
        if term < sum * NEGLIGIBLE {
            break;
        }
        events -= 1.0;
    }
    sum
}

/// A count as a number to calculate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a simulation, far under 2^53"
)]
pub(super) const fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_that_of_the_tables() {
        // Half the 95 % point of χ² with 2(n + 1) degrees of freedom.
        for (count, bound) in [
            (0, 2.9957),
            (1, 4.7439),
            (2, 6.2958),
            (3, 7.7537),
            (5, 10.5130),
            (10, 16.9622),
            (50, 63.2871),
            (100, 118.0793),
        ] {
            let found = upper_bound(count);
            assert!(
                (found - bound).abs() < 1e-3,
                "{count}: {found}, not {bound}"
            );
        }
    }

    #[test]
    fn of_many_events_the_bound_is_that_of_the_normal_distribution() {
        let found = upper_bound(1_000_000);
        let normal = 1_000_000.0 + 1.6449 * 1_000.0;
        assert!((found - normal).abs() < 5.0, "{found}");
    }
}
