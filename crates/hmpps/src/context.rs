//! What a translation goes by besides the text.

use std::collections::BTreeMap;

use model::registry::{Order, TimeOfDay, Wearer};
use model::{OrderId, WearerId};

use crate::Geometries;

/// What is known, and what this installation has settled.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// What is on the map already.
    pub geometries: Geometries,
    /// The newest version registered of each order.
    pub orders: BTreeMap<OrderId, Order>,
    /// The profile registered of each wearer: what the service does not know of it stays.
    pub wearers: BTreeMap<WearerId, Wearer>,
    /// What orders leave open.
    pub settings: Settings,
}

/// What the service's orders leave open and somebody has to settle. Each use of one is told in a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The police force, as it names a queue, of wearers whose order names none. Default: none, and
    /// what is for their police goes to the operators.
    pub police_force: Option<String>,
    /// The greatest concentration under an order that limits alcohol without saying to what, in
    /// mg/100 mL. Default 80: the limit for driving in England and Wales, of blood; for the skin it is
    /// an assumption.
    pub alcohol_peak_mg_per_100ml: u32,
    /// How many times a day a non-fitted device asks. Default 3, an assumption.
    pub prompts_per_day: u8,
    /// The local hours within which it asks. Default 08:00 to 21:00, an assumption.
    pub prompts_between: (TimeOfDay, TimeOfDay),
    /// Seconds within which an answer is due. Default 900, an assumption.
    pub answer_within_s: u32,
}

impl Default for Settings {
    fn default() -> Self {
        let hour = |text| TimeOfDay::parse(text).unwrap_or(TimeOfDay::MIDNIGHT_NEXT);
        Self {
            police_force: None,
            alcohol_peak_mg_per_100ml: 80,
            prompts_per_day: 3,
            prompts_between: (hour("08:00"), hour("21:00")),
            answer_within_s: 900,
        }
    }
}
