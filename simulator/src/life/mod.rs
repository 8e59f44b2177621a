//! What wearers do: days made of errands, some of them breaches, some of them nearly.

pub(crate) mod breach;
pub(crate) mod decoy;
pub(crate) mod diary;
pub(crate) mod drink;
pub(crate) mod errand;
pub(crate) mod ordinary;
pub(crate) mod script;
pub(crate) mod track;
pub(crate) mod trip;
