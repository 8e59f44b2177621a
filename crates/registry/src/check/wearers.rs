//! Wearers.

use chrono::{Datelike, NaiveDate};
use model::Timestamp;
use model::registry::{Mappa, RegistryKey, Wearer};

use super::Findings;
use crate::read::Path;

/// Nobody alive was born before this year: an earlier date is a slip of the pen.
const BORN_FROM: i32 = 1900;

/// MAPPA's categories, 4 since 2022, and its levels of management.
const MAPPA_CATEGORIES: std::ops::RangeInclusive<u8> = 1..=4;
const MAPPA_LEVELS: std::ops::RangeInclusive<u8> = 1..=3;

pub(super) fn check(wearer: &Wearer, now: Timestamp, findings: &mut Findings) {
    let part = RegistryKey::Wearer(wearer.id.clone());
    if wearer.id.is_partition() {
        let message = format!("{} is an id of the installation's own", wearer.id);
        findings.error(&part, Path::default().field("id"), message);
    }
    if let Some(Mappa { category, level }) = wearer.mappa {
        let mappa = Path::default().field("mappa");
        if !MAPPA_CATEGORIES.contains(&category) {
            let message = format!("MAPPA has categories 1 to 4, not {category}");
            findings.error(&part, mappa.field("category"), message);
        }
        if !MAPPA_LEVELS.contains(&level) {
            let message = format!("MAPPA has levels 1 to 3, not {level}");
            findings.error(&part, mappa.field("level"), message);
        }
    }
    if let Some(born) = wearer.date_of_birth {
        date_of_birth(born, &part, now, findings);
    }
}

fn date_of_birth(born: NaiveDate, part: &RegistryKey, now: Timestamp, findings: &mut Findings) {
    let path = || Path::default().field("date_of_birth");
    if born > now.to_chrono().date_naive() {
        findings.error(part, path(), "is in the future");
    } else if born.year() < BORN_FROM {
        findings.error(part, path(), format!("is before {BORN_FROM}"));
    }
}
