//! The rule of alcohol over a whole series at once, plainly: readings in, classified episodes out.
//! Written from the text of the rule, whole minutes and exact fractions, to hold the engine to.

use model::{DecisionKind, Timestamp};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) kind: DecisionKind,
    pub(super) onset: Timestamp,
    pub(super) closed: Timestamp,
    pub(super) peak: i32,
    pub(super) plateau: bool,
}

type Reading = (Timestamp, i32);

fn minutes(from: Timestamp, to: Timestamp) -> i64 {
    to.since(from).num_minutes()
}

/// The classified episodes of `series`, which is in order and holds no reading twice.
pub(super) fn episodes(series: &[Reading]) -> Vec<Found> {
    let sane: Vec<Reading> = series
        .iter()
        .copied()
        .filter(|(_, x)| (0..=600).contains(x))
        .collect();
    let mut found: Vec<Found> = Vec::new();
    let mut start = 0;
    while let Some(open) = (start..sane.len()).find(|i| sane[*i].1 >= 20) {
        let Some(close) = (open..sane.len()).find(|i| closes(&sane[open..=*i])) else {
            break;
        };
        let mut episode = classify(&sane[open..=close]);
        if episode.kind != DecisionKind::AlcoholEnvironmental {
            let real = |past: &&Found| past.kind != DecisionKind::AlcoholEnvironmental;
            if let Some(past) = found.iter().rev().find(real)
                && minutes(past.closed, episode.onset) <= 180
            {
                episode.onset = past.onset;
            }
        }
        found.push(episode);
        start = close + 1;
    }
    found
}

/// Whether the last readings are under 20, at least two, over at least 45 minutes, without a gap.
fn closes(readings: &[Reading]) -> bool {
    let mut low = Vec::new();
    for (i, (at, x)) in readings.iter().enumerate().rev() {
        if *x >= 20 {
            break;
        }
        low.push(*at);
        if i > 0 && minutes(readings[i - 1].0, *at) > 150 {
            break;
        }
    }
    low.len() >= 2 && minutes(low[low.len() - 1], low[0]) >= 45
}

/// Whether some three readings or more in a row are at least 20 over at least 55 minutes.
fn sustained(readings: &[Reading]) -> bool {
    (0..readings.len()).any(|from| {
        (from + 2..readings.len()).any(|to| {
            let run = &readings[from..=to];
            run.iter().all(|(_, x)| *x >= 20)
                && run
                    .windows(2)
                    .all(|pair| minutes(pair[0].0, pair[1].0) <= 150)
                && minutes(run[0].0, run[run.len() - 1].0) >= 55
        })
    })
}

/// The readings after the peak and after the last rise that follows it.
fn tail(readings: &[Reading], peak_index: usize) -> &[Reading] {
    let mut start = peak_index + 1;
    for i in peak_index + 1..readings.len() {
        let before = i128::from(readings[i - 1].1);
        let rise = i128::from(readings[i].1) - before;
        // More than 10, and more than a quarter of the one before.
        if rise > 10 && rise * 4 > before {
            start = i + 1;
        }
    }
    &readings[start..]
}

/// The fall per hour as a fraction: numerator and positive denominator.
fn fall(tail: &[Reading]) -> Option<(i128, i128)> {
    let n = i128::try_from(tail.len()).unwrap();
    let origin = tail.first()?.0;
    let (mut st, mut sx, mut stt, mut stx) = (0, 0, 0, 0);
    for (at, x) in tail {
        let (t, x) = (i128::from(minutes(origin, *at)), i128::from(*x));
        st += t;
        sx += x;
        stt += t * t;
        stx += t * x;
    }
    let spread = n * stt - st * st;
    (spread > 0).then(|| (-(n * stx - st * sx) * 60, spread))
}

fn span(tail: &[Reading]) -> i64 {
    match tail {
        [first, .., last] => minutes(first.0, last.0),
        [_] | [] => 0,
    }
}

/// Whether what has fallen since the peak has fallen under 2 an hour for 6 h.
fn is_flat(readings: &[Reading], peak_index: usize) -> bool {
    let tail = tail(readings, peak_index);
    fall(tail).is_some_and(|(over, under)| over < 2 * under) && span(tail) >= 360
}

fn classify(readings: &[Reading]) -> Found {
    let peak = readings.iter().map(|(_, x)| *x).max().unwrap();
    let peak_index = readings.iter().position(|(_, x)| *x == peak).unwrap();
    let closed = readings[readings.len() - 1].0;
    let fell_in = minutes(readings[peak_index].0, closed);
    let vanished = i64::from(peak - 20) * 60 > 100 * fell_in;
    let tail = tail(readings, peak_index);
    let span = span(tail);
    let fall = fall(tail);
    let plateau = (peak_index..readings.len()).any(|last| is_flat(&readings[..=last], peak_index));
    let high = if peak < 150 { 25 } else { 35 };
    let eliminated = tail.len() >= 3
        && span >= 60
        && fall.is_some_and(|(over, under)| over >= 2 * under && over <= high * under);
    let gap = readings
        .windows(2)
        .any(|pair| minutes(pair[0].0, pair[1].0) > 150);
    let kind = if !sustained(readings) || vanished {
        DecisionKind::AlcoholEnvironmental
    } else if eliminated && !gap && !plateau {
        DecisionKind::AlcoholConfirmed
    } else {
        DecisionKind::AlcoholProbable
    };
    Found {
        kind,
        onset: readings[0].0,
        closed,
        peak,
        plateau,
    }
}
