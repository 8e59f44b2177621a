//! What payloads and files are read as, and what each mistake in them costs.

mod files;
mod native;
mod owntracks;
mod properties;
mod refused;
mod topics;

use model::{DeviceReading, ReadingKind};

use crate::topic::NativeTopic;
use crate::{ReadingError, decode};

/// The topic of GPS-7 for readings of `kind`.
fn topic(kind: &str) -> NativeTopic {
    NativeTopic {
        partition: model::PartitionId(7),
        device: model::DeviceId::new("GPS-7").unwrap(),
        kind: ReadingKind::parse(kind).unwrap(),
    }
}

fn batch(kind: &str, payload: &str) -> Vec<Result<DeviceReading, ReadingError>> {
    decode(&topic(kind), payload.as_bytes()).unwrap()
}

fn only(kind: &str, payload: &str) -> DeviceReading {
    let mut batch = batch(kind, payload);
    assert_eq!(batch.len(), 1, "{payload}: {batch:?}");
    batch.remove(0).unwrap()
}

/// The model's own JSON form, to compare with.
fn json(text: &str) -> DeviceReading {
    serde_json::from_str(text).unwrap()
}
