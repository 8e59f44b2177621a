//! A snapshot that is being taken beside the work.

use std::collections::VecDeque;

use super::section::{self, Written};
use super::{SnapshotError, body, head};
use crate::Engine;
use crate::atlas::Charted;
use crate::wearer::Wearer;

/// A snapshot of the moment at which it was begun, as far as it is written.
///
/// Zones are shared, so that those of that moment are held on to. Wearers are written in their order, and
/// one who is about to change before that.
#[derive(Debug)]
pub(crate) struct Taking {
    /// Written, and not handed out yet.
    ready: Vec<u8>,
    zones: VecDeque<Charted>,
    /// The wearer who is written next.
    next: usize,
    /// Wearers there were, and which of them are written already.
    written: Vec<bool>,
    failed: Option<SnapshotError>,
}

impl Taking {
    fn new(engine: &Engine) -> Result<Self, SnapshotError> {
        let mut ready = head();
        Written::core(engine).write(&mut ready)?;
        for place in engine.atlas.places() {
            Written::Place(place).write(&mut ready)?;
        }
        Ok(Self {
            ready,
            zones: engine.atlas.charted().collect(),
            next: 0,
            written: vec![false; engine.wearers.len()],
            failed: None,
        })
    }

    /// Writes a wearer who is about to change, unless that is done.
    pub(crate) fn before_change(&mut self, position: usize, wearer: &Wearer) {
        if let Some(written) = self.written.get_mut(position)
            && !std::mem::replace(written, true)
        {
            let done = Written::Wearer(position, wearer).write(&mut self.ready);
            self.failed = self.failed.take().or(done.err());
        }
    }

    /// Writes on until so many bytes are ready, or all is written.
    fn write(&mut self, engine: &Engine, bytes: usize) -> Result<(), SnapshotError> {
        while self.ready.len() < bytes {
            if let Some(charted) = self.zones.pop_front() {
                match &charted {
                    Charted::Zone(id, zone) => Written::Zone(id, zone).write(&mut self.ready)?,
                    Charted::Set(id, set) => Written::Set(id, set).write(&mut self.ready)?,
                }
                continue;
            }
            let there_were = self.next < self.written.len();
            let wearer = engine.wearers.get_index(self.next);
            let Some((_, wearer)) = wearer.filter(|_| there_were) else {
                break;
            };
            self.before_change(self.next, wearer);
            self.next += 1;
        }
        self.failed.take().map_or(Ok(()), Err)
    }

    fn is_over(&self) -> bool {
        self.zones.is_empty() && self.next >= self.written.len()
    }
}

impl Engine {
    /// Begins a snapshot of this moment, in the place of one that is being taken.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn begin_snapshot(&mut self) -> Result<(), SnapshotError> {
        self.taking = Some(Taking::new(self)?);
        Ok(())
    }

    /// The next slice of the snapshot that is being taken, of about so many bytes; none once all are handed
    /// out. All of them in order are a snapshot of the moment at which it was begun, whatever was handed in
    /// between.
    ///
    /// # Errors
    /// When the state cannot be written: there is no snapshot then.
    pub fn snapshot_slice(&mut self, bytes: usize) -> Result<Option<Vec<u8>>, SnapshotError> {
        let Some(mut taking) = self.taking.take() else {
            return Ok(None);
        };
        taking.write(self, bytes)?;
        let slice = std::mem::take(&mut taking.ready);
        if slice.is_empty() && taking.is_over() {
            return Ok(None);
        }
        self.taking = Some(taking);
        Ok(Some(slice))
    }

    /// The whole state as bytes, decisions and commands not yet taken out included.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        let mut taking = Taking::new(self)?;
        taking.write(self, usize::MAX)?;
        Ok(taking.ready)
    }

    /// The engine that a snapshot was taken of.
    ///
    /// # Errors
    /// When `bytes` are no snapshot, or one of another form, or not all of one.
    pub fn restore(bytes: &[u8]) -> Result<Self, SnapshotError> {
        section::read(body(bytes)?)
    }
}
