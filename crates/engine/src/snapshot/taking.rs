//! A snapshot that is being taken beside the work.

use model::{PlaceId, ZoneId, ZoneSetId};

use super::section::{self, Written};
use super::{SnapshotError, body, head};
use crate::Engine;
use crate::wearer::Wearer;

/// A snapshot of the moment at which it was begun, as far as it is written.
///
/// Wearers are written in their order, and one who is about to change before that. What lies on the ground
/// does not change meanwhile: before anything of the registry does, all the rest is written.
#[derive(Debug)]
pub(crate) struct Taking {
    /// Written, and not handed out yet.
    ready: Vec<u8>,
    next: Next,
    /// Wearers there were, and which of them are written already.
    written: Vec<bool>,
    failed: Option<SnapshotError>,
}

/// What is written next, in order.
#[derive(Debug, Clone)]
enum Next {
    Zone(Option<ZoneId>),
    Set(Option<ZoneSetId>),
    Place(Option<PlaceId>),
    Wearer(usize),
    Nothing,
}

impl Taking {
    fn new(engine: &Engine) -> Result<Self, SnapshotError> {
        let mut ready = head();
        Written::core(engine).write(&mut ready)?;
        Ok(Self {
            ready,
            next: Next::Zone(None),
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
            let atlas = &engine.atlas;
            self.next = match &self.next {
                Next::Zone(last) => match atlas.zone_after(last.as_ref()) {
                    Some((id, zone)) => {
                        Written::Zone(id, zone).write(&mut self.ready)?;
                        Next::Zone(Some(id.clone()))
                    }
                    None => Next::Set(None),
                },
                Next::Set(last) => match atlas.set_after(last.as_ref()) {
                    Some((id, set)) => {
                        Written::Set(id, set).write(&mut self.ready)?;
                        Next::Set(Some(id.clone()))
                    }
                    None => Next::Place(None),
                },
                Next::Place(last) => match atlas.place_after(last.as_ref()) {
                    Some(place) => {
                        Written::Place(place).write(&mut self.ready)?;
                        Next::Place(Some(place.id.clone()))
                    }
                    None => Next::Wearer(0),
                },
                Next::Wearer(position) => {
                    let position = *position;
                    let wearer = engine.wearers.get(position);
                    match wearer.filter(|_wearer| position < self.written.len()) {
                        Some(wearer) => {
                            self.before_change(position, wearer);
                            Next::Wearer(position + 1)
                        }
                        None => Next::Nothing,
                    }
                }
                Next::Nothing => break,
            };
        }
        self.failed.take().map_or(Ok(()), Err)
    }

    fn is_over(&self) -> bool {
        matches!(self.next, Next::Nothing)
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

    /// Writes the rest of a snapshot that is being taken: what every wearer stands on is about to change.
    pub(crate) fn finish_taking(&mut self) {
        if let Some(mut taking) = self.taking.take() {
            let done = taking.write(self, usize::MAX);
            taking.failed = done.err();
            self.taking = Some(taking);
        }
    }
}
