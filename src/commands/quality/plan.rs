//! What is measured: every combination of a cadence and a course.

use super::course::{Course, Means, Setting};

/// How far from the edge the compliant are, in metres.
const DISTANCES_M: [f64; 4] = [10.0, 25.0, 50.0, 100.0];

/// How deep stays are, in metres, and how long, in minutes.
const DEPTHS_M: [f64; 2] = [20.0, 50.0];
const STAYS_MIN: [f64; 3] = [5.0, 10.0, 30.0];

/// One combination, and how often it is tried.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cell {
    pub(super) cadence_s: u32,
    pub(super) course: Course,
    pub(super) trials: u64,
}

/// All of them, in the order in which they are shown.
pub(super) fn cells(cadences_s: &[u32], days: u64, stays: u64) -> Vec<Cell> {
    let cell = move |cadence_s: u32, course: Course| Cell {
        cadence_s,
        course,
        trials: match course {
            Course::Outside { .. } => days,
            Course::Stay { .. } | Course::Through { .. } => stays,
        },
    };
    let all = |cadence_s: u32| courses().map(move |course| cell(cadence_s, course));
    cadences_s.iter().copied().flat_map(all).collect()
}

fn courses() -> impl Iterator<Item = Course> {
    let settings = [
        Setting::AtRestOutdoors,
        Setting::AtRestIndoors,
        Setting::WalkingRound,
        Setting::Excursions,
    ];
    let outside = settings.into_iter().flat_map(|setting| {
        DISTANCES_M.map(|distance_m| Course::Outside {
            setting,
            distance_m,
        })
    });
    let stays = [false, true].into_iter().flat_map(|indoors| {
        DEPTHS_M.into_iter().flat_map(move |depth_m| {
            STAYS_MIN.map(|minutes| Course::Stay {
                depth_m,
                minutes,
                indoors,
            })
        })
    });
    let through = [Means::OnFoot, Means::ByCar].map(|means| Course::Through { means });
    outside.chain(stays).chain(through)
}
