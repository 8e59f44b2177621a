//! What an uneventful fix asks of the allocator.

use allocation_counter::measure;
use support::{Fixes, hand_in, watching};

#[path = "../benches/support/mod.rs"]
#[expect(dead_code, reason = "the benches use the rest")]
mod support;

#[test]
fn an_uneventful_fix_allocates_nothing() {
    let mut engine = watching(1, &[], &[]).unwrap();
    let mut fixes = Fixes::new(1).unwrap();
    // The trail keeps as many fixes as it may from then on, and has made room for them.
    let first: Vec<_> = (0..120).map(|_| fixes.next(0).unwrap()).collect();
    hand_in(&mut engine, &first);
    let next: Vec<_> = (0..100).map(|_| fixes.next(0).unwrap()).collect();
    assert!(
        measure(|| drop(next.clone())).count_total > 0,
        "the allocator is not counted"
    );
    let mut decisions = 0;
    let spent = measure(|| decisions = hand_in(&mut engine, &next));
    assert_eq!(decisions, 0);
    assert_eq!(spent.count_total, 0, "{spent:?}");
}
