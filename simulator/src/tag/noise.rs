//! Errors of satellite fixes, as measured on real receivers that did not move: heavy-tailed (p99
//! about three times p68), alike over 60 to 120 s, and worse indoors.
//!
//! Two correlated normal offsets, east and north, are multiplied by a log-normal scale that changes
//! more slowly: the product has the heavy tail that neither has.

use model::Timestamp;

use crate::dice::Dice;

/// Standard deviation of an offset outdoors in metres, before the scale: gives a median error near
/// 5 m and a p99 near 25 m. A real trail had 3 m and 28 m.
const OUTDOORS_M: f64 = 4.0;

/// The same indoors, where signals come in by reflection; an invented figure.
const INDOORS_M: f64 = 8.5;

/// Seconds over which errors stay alike, e-fold: between the measured 60 and 120.
const OFFSET_SPAN_S: f64 = 90.0;

/// The same for the scale; an invented figure.
const SCALE_SPAN_S: f64 = 300.0;

/// Standard deviation of the scale's logarithm: chosen so that p99/p68 comes out near 3.
const SCALE_LOG_SD: f64 = 0.45;

/// The scale's logarithm is held within this many standard deviations: single fixes farther off are
/// outliers, and made elsewhere.
const SCALE_LIMIT_SD: f64 = 2.5;

/// A receiver's error as it wanders.
#[derive(Debug, Clone, Default)]
pub(crate) struct Noise {
    east: f64,
    north: f64,
    scale: f64,
    last: Option<Timestamp>,
}

/// One error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Error {
    pub(crate) east_m: f64,
    pub(crate) north_m: f64,
    /// The standard deviation that errors have in such a place, in metres.
    pub(crate) usual_m: f64,
    /// How much worse than usual it is at this time: 1 is usual.
    pub(crate) scale: f64,
}

impl Noise {
    /// The error at `at`.
    pub(crate) fn step(&mut self, dice: &mut Dice, at: Timestamp, indoors: bool) -> Error {
        let elapsed = self
            .last
            .map_or(f64::INFINITY, |last| at.seconds_since(last));
        self.last = Some(at);
        wander(&mut self.east, dice, elapsed / OFFSET_SPAN_S);
        wander(&mut self.north, dice, elapsed / OFFSET_SPAN_S);
        wander(&mut self.scale, dice, elapsed / SCALE_SPAN_S);
        let usual_m = if indoors { INDOORS_M } else { OUTDOORS_M };
        let held = self.scale.clamp(-SCALE_LIMIT_SD, SCALE_LIMIT_SD);
        let scale = libm::exp(SCALE_LOG_SD * held);
        Error {
            east_m: self.east * scale * usual_m,
            north_m: self.north * scale * usual_m,
            usual_m,
            scale,
        }
    }
}

/// One step of a normal variable that forgets itself over `spans` e-folds.
fn wander(value: &mut f64, dice: &mut Dice, spans: f64) {
    let kept = libm::exp(-spans);
    *value = kept * *value + (1.0 - kept * kept).sqrt() * dice.normal();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Stream;
    use chrono::TimeDelta;

    fn errors(indoors: bool, cadence_s: i64) -> Vec<Error> {
        let mut dice = Dice::new(11, Stream::Tag, 3, 0);
        let mut noise = Noise::default();
        let mut at = Timestamp::parse("2026-06-01T00:00:00Z").unwrap();
        let step = |_| {
            at = at.plus(TimeDelta::seconds(cadence_s));
            noise.step(&mut dice, at, indoors)
        };
        (0..60_000).map(step).collect()
    }

    #[test]
    fn errors_are_heavy_tailed_and_worse_indoors() {
        let percentiles = |indoors| {
            let errors = errors(indoors, 60);
            let radial = errors.iter().map(|e| libm::hypot(e.east_m, e.north_m));
            let mut radial: Vec<f64> = radial.collect();
            radial.sort_by(f64::total_cmp);
            [50, 68, 99].map(|per_cent| radial[radial.len() * per_cent / 100])
        };
        let ([median, p68, p99], [_, indoors, _]) = (percentiles(false), percentiles(true));
        let ratio = p99 / p68;
        assert!((2.2..4.0).contains(&ratio), "p99/p68 {ratio}");
        assert!((3.0..7.0).contains(&median), "median {median} m");
        assert!((15.0..32.0).contains(&p99), "p99 {p99} m");
        assert!(indoors > 1.8 * p68, "{indoors} m against {p68} m");
    }

    #[test]
    fn errors_a_minute_apart_are_alike_and_ten_minutes_apart_are_not() {
        let correlation = |lag: usize| {
            let errors = errors(false, 60);
            let pairs = errors.iter().zip(errors.iter().skip(lag));
            let product: f64 = pairs.map(|(a, b)| a.east_m * b.east_m).sum();
            product / errors.iter().map(|e| e.east_m * e.east_m).sum::<f64>()
        };
        assert!((0.3..0.7).contains(&correlation(1)), "{}", correlation(1));
        assert!(correlation(10).abs() < 0.1, "{}", correlation(10));
    }
}
