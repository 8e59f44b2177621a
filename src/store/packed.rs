//! Snapshots as they are kept: compressed, since they name the same fields over and over.

use super::StoreError;

/// What compressed bytes begin with. Others are kept as they were written, by earlier versions.
const MARK: &[u8] = b"LZ4\x01";

/// No byte of LZ4 stands for more than so many: what claims more is damaged.
const RATIO_MAX: usize = 255;

/// Compresses.
pub(super) fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packed = MARK.to_vec();
    packed.extend(lz4_flex::compress_prepend_size(bytes));
    packed
}

/// What was compressed, or the bytes as they are.
///
/// # Errors
/// [`StoreError::Corrupt`] when they are damaged.
pub(super) fn unpack(packed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let Some(compressed) = packed.strip_prefix(MARK) else {
        return Ok(packed.to_vec());
    };
    let damaged = |why: String| StoreError::Corrupt(format!("a damaged snapshot: {why}"));
    let (size, rest) = lz4_flex::block::uncompressed_size(compressed)
        .map_err(|error| damaged(error.to_string()))?;
    if size > rest.len().saturating_mul(RATIO_MAX) {
        return Err(damaged(format!("{} bytes are not {size}", rest.len())));
    }
    let bytes = lz4_flex::decompress(rest, size).map_err(|error| damaged(error.to_string()))?;
    if bytes.len() < size {
        return Err(damaged(format!("{} of {size} bytes", bytes.len())));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_smaller_and_comes_out_again() {
        let bytes = b"observed_at, received_at; ".repeat(1_000);
        let packed = pack(&bytes);
        assert!(packed.len() * 20 < bytes.len(), "{}", packed.len());
        assert_eq!(unpack(&packed).unwrap(), bytes);
        assert_eq!(unpack(&pack(b"")).unwrap(), b"");
    }

    #[test]
    fn what_was_never_packed_comes_out_as_it_is() {
        assert_eq!(unpack(b"\x06\0\0\0state").unwrap(), b"\x06\0\0\0state");
    }

    #[test]
    fn what_is_damaged_is_said_to_be_and_asks_for_no_room() {
        let packed = pack(&b"state".repeat(100));
        for cut in 0..packed.len() {
            let found = unpack(&packed[..cut]);
            assert!(found.is_err() || cut < MARK.len(), "cut at {cut}");
        }
        let mut huge = packed;
        huge[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(unpack(&huge).is_err());
    }
}
