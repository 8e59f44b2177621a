//! One reading as bytes: no names, no numbers as text, and nothing that the line before it says already.

use std::fmt::Display;

use model::{DeviceId, DeviceReading, ObservedAt, Reading, ReceivedAt, RecordedAt, WearerId};
use serde::{Deserialize, Serialize};

use super::fact::Fact;
use crate::store::{JournalEntry, JournalInput, StoreError, value};

/// How lines are written; the first byte of every text of them. Another form is another number: fields
/// go by their place.
const FORM: u8 = 1;

/// A line as it is written. Position and engine time count from those of the line before.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    positions: u64,
    after_ms: i64,
    #[serde(borrow)]
    fact: Option<Told<'a>>,
}

/// What a reading says. Times count from the engine time.
#[derive(Serialize, Deserialize)]
struct Told<'a> {
    /// Wearer and device, where they are others than in the line before.
    #[serde(borrow)]
    whose: Option<(&'a str, &'a str)>,
    seq: Option<u64>,
    observed_ms: i64,
    recorded_ms: Option<i64>,
    received_ms: i64,
    fact: Fact<'a>,
}

/// Writes lines one after the other.
#[derive(Debug)]
pub(super) struct Writing<'a> {
    bytes: Vec<u8>,
    position: u64,
    at_ms: i64,
    whose: Option<(&'a str, &'a str)>,
}

impl<'a> Writing<'a> {
    pub(super) fn new(readings: usize) -> Self {
        // What a fix takes, about.
        let mut bytes = Vec::with_capacity(1 + 80 * readings);
        bytes.push(FORM);
        Self {
            bytes,
            position: 0,
            at_ms: 0,
            whose: None,
        }
    }

    /// Writes an entry: a reading, or the place of one that was erased. Of a change of policy nothing is
    /// written, which is kept elsewhere.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a number in it is not finite: it has no form in text, and so in none
    /// of the documented formats.
    pub(super) fn push(&mut self, entry: &'a JournalEntry) -> Result<(), StoreError> {
        let said = match &entry.input {
            JournalInput::Reading(reading) => Some(Said::of(reading)?),
            JournalInput::Erased => None,
            JournalInput::Policy(_) => return Ok(()),
        };
        self.push_line(&Line {
            position: entry.position,
            at_ms: entry.at.epoch_ms(),
            said,
        })
    }

    /// Writes a line.
    ///
    /// # Errors
    /// None that a line which was read could cause.
    pub(super) fn push_line(&mut self, line: &Line<'a>) -> Result<(), StoreError> {
        let written = Written {
            positions: line.position.wrapping_sub(self.position),
            after_ms: line.at_ms.wrapping_sub(self.at_ms),
            fact: line.said.as_ref().map(|said| self.told(line.at_ms, said)),
        };
        let bytes = std::mem::take(&mut self.bytes);
        self.bytes = postcard::to_extend(&written, bytes).map_err(corrupt)?;
        self.position = line.position;
        self.at_ms = line.at_ms;
        if let Some(said) = &line.said {
            self.whose = Some((said.wearer, said.device));
        }
        Ok(())
    }

    fn told(&self, at_ms: i64, said: &Said<'a>) -> Told<'a> {
        let whose = (said.wearer, said.device);
        let after = |instant_ms: i64| instant_ms.wrapping_sub(at_ms);
        Told {
            whose: (self.whose != Some(whose)).then_some(whose),
            seq: said.seq,
            observed_ms: after(said.observed_ms),
            recorded_ms: said.recorded_ms.map(after),
            received_ms: after(said.received_ms),
            fact: said.fact.clone(),
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// A line, with what is left out where it is written.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::store) struct Line<'a> {
    pub(in crate::store) position: u64,
    pub(in crate::store) at_ms: i64,
    /// None of what was erased.
    pub(in crate::store) said: Option<Said<'a>>,
}

/// What a reading said.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::store) struct Said<'a> {
    pub(in crate::store) wearer: &'a str,
    pub(in crate::store) device: &'a str,
    pub(in crate::store) seq: Option<u64>,
    pub(in crate::store) observed_ms: i64,
    recorded_ms: Option<i64>,
    received_ms: i64,
    fact: Fact<'a>,
}

impl Line<'_> {
    /// The entry.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it has what no entry has.
    pub(in crate::store) fn entry(&self) -> Result<JournalEntry, StoreError> {
        let input = match &self.said {
            Some(said) => JournalInput::Reading(said.reading()?),
            None => JournalInput::Erased,
        };
        Ok(JournalEntry {
            position: self.position,
            at: value::instant(self.at_ms)?,
            input,
        })
    }
}

impl<'a> Said<'a> {
    fn of(reading: &'a Reading) -> Result<Self, StoreError> {
        let report = &reading.report;
        let recorded_at = report.recorded_at;
        Ok(Self {
            wearer: reading.wearer.as_str(),
            device: report.device.as_str(),
            seq: report.seq,
            observed_ms: report.observed_at.0.epoch_ms(),
            recorded_ms: recorded_at.map(|recorded_at| recorded_at.0.epoch_ms()),
            received_ms: reading.received_at.0.epoch_ms(),
            fact: Fact::of(&report.body)?,
        })
    }

    /// The reading.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it has what no reading has.
    pub(in crate::store) fn reading(&self) -> Result<Reading, StoreError> {
        let recorded_at = self.recorded_ms.map(value::instant).transpose()?;
        Ok(Reading {
            wearer: value::known(WearerId::new(self.wearer))?,
            received_at: ReceivedAt(value::instant(self.received_ms)?),
            report: DeviceReading {
                device: value::known(DeviceId::new(self.device))?,
                seq: self.seq,
                observed_at: ObservedAt(value::instant(self.observed_ms)?),
                recorded_at: recorded_at.map(RecordedAt),
                body: self.fact.body(),
            },
        })
    }

    pub(in crate::store) const fn is_position(&self) -> bool {
        matches!(self.fact, Fact::Position { .. })
    }
}

/// Reads lines one after the other, in the order written.
#[derive(Debug)]
pub(in crate::store) struct Lines<'a> {
    rest: &'a [u8],
    position: u64,
    at_ms: i64,
    whose: (&'a str, &'a str),
}

impl<'a> Lines<'a> {
    /// # Errors
    /// [`StoreError::Corrupt`] when they are of another form.
    pub(in crate::store) fn read(bytes: &'a [u8]) -> Result<Self, StoreError> {
        match bytes.split_first() {
            Some((&FORM, rest)) => Ok(Self {
                rest,
                position: 0,
                at_ms: 0,
                whose: ("", ""),
            }),
            Some((form, _)) => Err(StoreError::Corrupt(format!(
                "readings in form {form}, where this version reads {FORM}"
            ))),
            None => Err(StoreError::Corrupt("readings of no bytes".to_owned())),
        }
    }

    fn line(&mut self) -> Result<Line<'a>, StoreError> {
        let (written, rest): (Written<'a>, _) =
            postcard::take_from_bytes(self.rest).map_err(corrupt)?;
        self.rest = rest;
        self.position = self.position.wrapping_add(written.positions);
        let at_ms = self.at_ms.wrapping_add(written.after_ms);
        self.at_ms = at_ms;
        let said = written.fact.map(|told| {
            self.whose = told.whose.unwrap_or(self.whose);
            Said {
                wearer: self.whose.0,
                device: self.whose.1,
                seq: told.seq,
                observed_ms: at_ms.wrapping_add(told.observed_ms),
                recorded_ms: told.recorded_ms.map(|after| at_ms.wrapping_add(after)),
                received_ms: at_ms.wrapping_add(told.received_ms),
                fact: told.fact,
            }
        });
        Ok(Line {
            position: self.position,
            at_ms,
            said,
        })
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Result<Line<'a>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line();
        if line.is_err() {
            // What follows a damaged line begins nowhere.
            self.rest = &[];
        }
        Some(line)
    }
}

pub(super) fn corrupt(why: impl Display) -> StoreError {
    StoreError::Corrupt(why.to_string())
}

#[cfg(test)]
mod tests {
    use model::{
        Alcohol, CheckIn, EventCode, FixSource, IdentityMatch, KmPerHour, Metres, ReadingBody,
    };

    use super::*;
    use crate::store::contract::sample;

    fn bytes(entries: &[JournalEntry]) -> Vec<u8> {
        let mut writing = Writing::new(entries.len());
        for entry in entries {
            writing.push(entry).unwrap();
        }
        writing.into_bytes()
    }

    fn read(bytes: &[u8]) -> Result<Vec<JournalEntry>, StoreError> {
        Lines::read(bytes)?.map(|line| line?.entry()).collect()
    }

    /// One of each kind, with everything a reading may have and with nothing it need not have.
    fn all_kinds() -> Vec<JournalEntry> {
        let mut full = sample::fix("GPS-1", Some(u64::MAX), 60);
        full.report.recorded_at = Some(RecordedAt(sample::at(61)));
        if let ReadingBody::Position(position) = &mut full.report.body {
            position.speed = Some(KmPerHour(4.2));
            position.course = Some(359.9);
            position.src = FixSource::Wifi;
        }
        let mut alcohol = sample::fix("AT-1", None, 50);
        alcohol.report.body = ReadingBody::Alcohol(Alcohol {
            tac: -3,
            ir: Some(0.7),
            skin_c: None,
            ambient_c: Some(-1.5),
        });
        let mut check_in = sample::fix("NF-1", Some(0), 90);
        check_in.wearer = sample::wearer("W-2");
        check_in.report.body = ReadingBody::CheckIn(CheckIn {
            prompt: "2026-03-29/1 – früh".to_owned(),
            identity: IdentityMatch::NoMatch,
            lat: None,
            lon: Some(-2.0),
            acc: Some(Metres(3.0)),
        });
        let battery = sample::event("GPS-1", EventCode::Battery, 70);
        let readings = [
            sample::fix("GPS-1", Some(1), 0),
            full,
            sample::presence("RF-1", 70),
            alcohol,
            battery,
            check_in,
        ];
        let mut entries: Vec<JournalEntry> = (7..)
            .zip(readings)
            .map(|(n, r)| sample::entry(n, r))
            .collect();
        entries.push(JournalEntry {
            position: 40,
            at: sample::at(3),
            input: JournalInput::Erased,
        });
        entries.push(sample::entry(41, sample::fix("NF-1", Some(2), 0)));
        entries
    }

    #[test]
    fn every_kind_of_reading_comes_out_as_it_went_in() {
        let entries = all_kinds();
        assert_eq!(read(&bytes(&entries)).unwrap(), entries);
    }

    #[test]
    fn what_earlier_versions_wrote_is_what_is_written_today() {
        let written: String = bytes(&all_kinds())
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        insta::assert_snapshot!("lines_in_form_1", written);
    }

    #[test]
    fn a_device_is_named_once_in_a_run_of_its_readings() {
        let of = |count| {
            let fixes = (1..=count).map(|n| sample::entry(n, sample::fix("GPS-1", Some(n), 60)));
            bytes(&fixes.collect::<Vec<_>>()).len()
        };
        let each = of(2) - of(1);
        assert_eq!(of(10), of(1) + 9 * each);
        assert!(each < of(1) - "GPS-1W-1".len(), "{each} of {}", of(1));
    }

    #[test]
    fn what_is_damaged_is_said_to_be_and_never_panics() {
        let whole = bytes(&all_kinds());
        for cut in 0..whole.len() {
            let _whatever = read(&whole[..cut]);
            let mut damaged = whole.clone();
            damaged[cut] ^= 0x55;
            let _whatever = read(&damaged);
        }
        assert!(matches!(
            read(&whole[..whole.len() - 1]),
            Err(StoreError::Corrupt(_))
        ));
        assert!(matches!(read(&[]), Err(StoreError::Corrupt(_))));
        assert!(matches!(read(&[9]), Err(StoreError::Corrupt(_))));
    }

    #[test]
    fn a_number_that_no_text_can_hold_is_refused_before_it_is_kept() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for (lat, acc) in [(number, 1.0), (52.8, number)] {
                let mut reading = sample::fix("GPS-1", Some(1), 0);
                if let ReadingBody::Position(position) = &mut reading.report.body {
                    position.lat = lat;
                    position.acc = Some(Metres(acc));
                }
                let refusal = Writing::new(1).push(&sample::entry(1, reading));
                assert!(matches!(refusal, Err(StoreError::Corrupt(_))));
            }
        }
    }
}
