//! What can happen to a wearer and to us, a step at a time.

use proptest::prelude::*;

/// Where the wearer is. Metres: the zone to keep out of is a circle of 150 around the origin, home one
/// of 60 around a point 800 north.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    /// In the middle of the zone to keep out of.
    Inside,
    /// At home.
    Home,
    /// Well away from both.
    Away,
}

impl Spot {
    pub(super) const fn north_m(self) -> f64 {
        match self {
            Self::Inside => 0.0,
            Self::Home => 800.0,
            Self::Away => 1600.0,
        }
    }
}

/// How the fixes of a stay reach us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// Each at once.
    Live,
    /// Together, when the stay is over.
    Batch,
    /// Each of them this many minutes late: after newer ones, if what follows is live.
    Late(u16),
    /// Within so many minutes, in no order.
    Shuffled(u8),
    /// Never: the tag takes none.
    Dark,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Op {
    /// The wearer is somewhere for so many minutes.
    Stay(u16, Spot, Link),
    /// Nothing is reported and time passes.
    Pass(u16),
    /// The newest fixes come a second time.
    Again(u8),
    /// For so many minutes the tag's clock is ahead by so many seconds.
    ClockAhead(u8, u16),
    /// Alcohol: so many readings half an hour apart from now on, all uploaded at the end, at this
    /// level.
    Drink(u8, i32),
    /// The order is varied: the hours of its other conditions.
    Vary,
    /// We take nothing in for so many minutes.
    Outage(u16),
    /// The engine is stopped, and goes on from its snapshot.
    Crash,
}

fn spot() -> impl Strategy<Value = Spot> {
    prop_oneof![
        2 => Just(Spot::Inside),
        3 => Just(Spot::Home),
        3 => Just(Spot::Away)
    ]
}

fn link() -> impl Strategy<Value = Link> {
    prop_oneof![
        4 => Just(Link::Live),
        2 => Just(Link::Batch),
        2 => (1u16..600).prop_map(Link::Late),
        1 => (1u8..30).prop_map(Link::Shuffled),
        1 => Just(Link::Dark)
    ]
}

/// One step.
pub(super) fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        12 => (1u16..90, spot(), link()).prop_map(|(minutes, spot, link)| Op::Stay(minutes, spot, link)),
        2 => (1u16..180).prop_map(Op::Pass),
        1 => (1u8..20).prop_map(Op::Again),
        1 => (1u8..20, 61u16..4000).prop_map(|(minutes, ahead_s)| Op::ClockAhead(minutes, ahead_s)),
        1 => (1u8..16, 0i32..120).prop_map(|(readings, tac)| Op::Drink(readings, tac)),
        1 => Just(Op::Vary),
        1 => (1u16..120).prop_map(Op::Outage),
        1 => Just(Op::Crash),
    ]
}
