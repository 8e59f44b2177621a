//! The queues beside a model of them: a list, walked from the front.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use model::{Notification, Recipient, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::{Site, sample};
use crate::store::{
    Again, ClaimRequest, DeadOnes, Fate, GiveBack, QueueError, QueueStatus, Receipt, Requeue, Store,
};

const CASES: u32 = 24;
const STEPS: usize = 60;
const LEASE_S: i64 = 10;
const ATTEMPTS_MAX: u32 = 3;

#[derive(Debug, Clone)]
enum Step {
    Decide {
        wearer: u8,
    },
    Claim {
        max: usize,
    },
    Ack {
        delivery: prop::sample::Index,
    },
    Nack {
        delivery: prop::sample::Index,
        how: How,
        wait_s: i64,
    },
    Extend {
        delivery: prop::sample::Index,
        wait_s: i64,
    },
    Requeue,
    Pass {
        seconds: i64,
    },
}

#[derive(Debug, Clone, Copy)]
enum How {
    Retry,
    Untried,
    Never,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let any_delivery = any::<prop::sample::Index>;
    let how = prop_oneof![4 => Just(How::Retry), 1 => Just(How::Untried), 1 => Just(How::Never)];
    let step = prop_oneof![
        4 => (0..3_u8).prop_map(|wearer| Step::Decide { wearer }),
        3 => (1..4_usize).prop_map(|max| Step::Claim { max }),
        3 => any_delivery().prop_map(|delivery| Step::Ack { delivery }),
        3 => (any_delivery(), how, 0..20_i64)
            .prop_map(|(delivery, how, wait_s)| Step::Nack { delivery, how, wait_s }),
        1 => (any_delivery(), 1..20_i64)
            .prop_map(|(delivery, wait_s)| Step::Extend { delivery, wait_s }),
        1 => Just(Step::Requeue),
        2 => (0..8_i64).prop_map(|seconds| Step::Pass { seconds }),
    ];
    prop::collection::vec(step, STEPS)
}

/// Where a notification stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Waiting { from: Timestamp },
    Leased { until: Timestamp },
    Acknowledged,
    Dead,
}

struct Row {
    notification: Notification,
    attempt: u32,
    /// The attempts that count.
    tries: u32,
    place: Place,
}

impl Row {
    fn claimable(&self, now: Timestamp) -> bool {
        match self.place {
            Place::Waiting { from } => from <= now,
            Place::Leased { until } => until <= now,
            Place::Acknowledged | Place::Dead => false,
        }
    }

    fn waits(&self) -> bool {
        !matches!(self.place, Place::Acknowledged | Place::Dead)
    }

    fn leased(&self, now: Timestamp) -> bool {
        matches!(self.place, Place::Leased { until } if now < until)
    }
}

/// What the queue should be.
#[derive(Default)]
struct List {
    rows: Vec<Row>,
}

impl List {
    fn claim(&mut self, max: usize, now: Timestamp) -> Vec<Receipt> {
        for row in &mut self.rows {
            let expired = matches!(row.place, Place::Leased { until } if until <= now);
            if expired && row.tries >= ATTEMPTS_MAX {
                row.place = Place::Dead;
            }
        }
        let mut held_up = BTreeSet::new();
        let mut receipts = Vec::new();
        for row in &mut self.rows {
            let wearer = &row.notification.decision.wearer;
            if !row.waits() || held_up.contains(wearer) {
                continue;
            }
            if !row.claimable(now) || receipts.len() == max {
                held_up.insert(wearer.clone());
                continue;
            }
            row.attempt += 1;
            row.tries += 1;
            row.place = Place::Leased {
                until: now.plus(TimeDelta::seconds(LEASE_S)),
            };
            receipts.push(Receipt {
                notification: row.notification.id,
                attempt: row.attempt,
            });
        }
        receipts
    }

    /// How settling that receipt should end, and, where it should succeed, the row it settles.
    fn find(&mut self, receipt: Receipt, now: Timestamp) -> (&'static str, &mut Row) {
        let row = self
            .rows
            .iter_mut()
            .find(|row| row.notification.id == receipt.notification)
            .unwrap();
        let standing = match row.place {
            _ if row.attempt != receipt.attempt => "expired",
            Place::Acknowledged => "settled",
            Place::Leased { .. } if row.leased(now) => "held",
            Place::Leased { .. } | Place::Waiting { .. } | Place::Dead => "expired",
        };
        (standing, row)
    }

    fn ack(&mut self, receipt: Receipt, now: Timestamp) -> &'static str {
        match self.find(receipt, now) {
            ("held" | "settled", row) => {
                row.place = Place::Acknowledged;
                "done"
            }
            (refusal, _) => refusal,
        }
    }

    fn nack(
        &mut self,
        receipt: Receipt,
        how: How,
        from: Timestamp,
        now: Timestamp,
    ) -> &'static str {
        let ("held", row) = self.find(receipt, now) else {
            return self.find(receipt, now).0;
        };
        match how {
            How::Retry if row.tries < ATTEMPTS_MAX => row.place = Place::Waiting { from },
            How::Untried => {
                row.tries -= 1;
                row.place = Place::Waiting { from };
            }
            How::Retry | How::Never => {
                row.place = Place::Dead;
                return "dead";
            }
        }
        "done"
    }

    fn extend(&mut self, receipt: Receipt, until: Timestamp, now: Timestamp) -> &'static str {
        match self.find(receipt, now) {
            ("held", row) => {
                row.place = Place::Leased { until };
                "done"
            }
            (refusal, _) => refusal,
        }
    }

    fn requeue(&mut self, now: Timestamp) -> u64 {
        let mut count = 0;
        for row in self.rows.iter_mut().filter(|row| row.place == Place::Dead) {
            row.place = Place::Waiting { from: now };
            row.tries = 0;
            count += 1;
        }
        count
    }

    fn status(&self, recipient: &Recipient, now: Timestamp) -> QueueStatus {
        let open = || self.rows.iter().filter(|row| row.waits());
        let count = |place: &dyn Fn(&&Row) -> bool| -> u64 {
            self.rows.iter().filter(place).count().try_into().unwrap()
        };
        let leased = count(&|row| row.leased(now));
        let late = |row: &&Row| row.waits() && row.notification.notify_by.unwrap() < now;
        QueueStatus {
            recipient: recipient.clone(),
            ready: count(&|row| row.waits()) - leased,
            leased,
            dead: count(&|row| row.place == Place::Dead),
            late: count(&late),
            acknowledged: count(&|row| row.place == Place::Acknowledged),
            oldest_unacknowledged: open().map(|row| row.notification.decision.decided).min(),
        }
    }
}

fn outcome(result: Result<(), QueueError>) -> &'static str {
    match result {
        Ok(()) => "done",
        Err(QueueError::Expired) => "expired",
        Err(QueueError::Settled) => "settled",
        Err(QueueError::Unknown) => "unknown",
        Err(QueueError::Store(error)) => panic!("{error}"),
    }
}

/// The store's queue and the list, taken through the same steps.
struct Pair {
    store: Arc<dyn Store>,
    case: u32,
    recipient: Recipient,
    list: List,
    receipts: Vec<Receipt>,
    now: Timestamp,
}

impl Pair {
    async fn step(&mut self, step: Step) {
        match step {
            Step::Decide { wearer } => self.decide(wearer).await,
            Step::Claim { max } => self.claim(max).await,
            Step::Ack { delivery } if !self.receipts.is_empty() => {
                let receipt = *delivery.get(&self.receipts);
                let got = outcome(self.store.ack(&receipt, None, self.now).await);
                assert_eq!(got, self.list.ack(receipt, self.now));
            }
            Step::Nack {
                delivery,
                how,
                wait_s,
            } if !self.receipts.is_empty() => {
                let receipt = *delivery.get(&self.receipts);
                self.nack(receipt, how, self.now.plus(TimeDelta::seconds(wait_s)))
                    .await;
            }
            Step::Extend { delivery, wait_s } if !self.receipts.is_empty() => {
                let receipt = *delivery.get(&self.receipts);
                let until = self.now.plus(TimeDelta::seconds(wait_s));
                let got = outcome(self.store.extend(&receipt, until, self.now).await);
                assert_eq!(got, self.list.extend(receipt, until, self.now));
            }
            Step::Ack { .. } | Step::Nack { .. } | Step::Extend { .. } => {}
            Step::Requeue => self.requeue().await,
            Step::Pass { seconds } => self.now = self.now.plus(TimeDelta::seconds(seconds)),
        }
    }

    async fn nack(&mut self, receipt: Receipt, how: How, at: Timestamp) {
        let back = GiveBack {
            receipt,
            reason: "no".to_owned(),
            again: match how {
                How::Retry => Again::Retry {
                    at,
                    attempts_max: ATTEMPTS_MAX,
                },
                How::Untried => Again::Untried { at },
                How::Never => Again::Never,
            },
            now: self.now,
        };
        let got = match self.store.nack(&back).await {
            Ok(Fate::Dead) => "dead",
            Ok(Fate::Waits) => "done",
            Err(refused) => outcome(Err(refused)),
        };
        assert_eq!(got, self.list.nack(receipt, how, at, self.now));
    }

    async fn requeue(&mut self) {
        let requeue = Requeue {
            which: DeadOnes::Of(self.recipient.clone()),
            actor: "operator-17".to_owned(),
            reason: "once more".to_owned(),
            now: self.now,
        };
        let got = self.store.requeue(&requeue).await.unwrap();
        assert_eq!(got, self.list.requeue(self.now));
    }

    async fn decide(&mut self, wearer: u8) {
        let ordinal = u32::try_from(self.list.rows.len()).unwrap() + 1;
        let wearer = format!("W-{}-{wearer}", self.case);
        let routed = sample::routed(&wearer, ordinal, 1, &[self.recipient.as_str()]);
        self.list.rows.push(Row {
            notification: routed.notifications[0].clone(),
            attempt: 0,
            tries: 0,
            place: Place::Waiting { from: self.now },
        });
        sample::commit_decisions(&self.store, vec![routed]).await;
    }

    async fn claim(&mut self, max: usize) {
        let request = ClaimRequest {
            recipient: self.recipient.clone(),
            consumer: "desk-1".to_owned(),
            max,
            lease: TimeDelta::seconds(LEASE_S),
            attempts_max: ATTEMPTS_MAX,
            now: self.now,
        };
        let deliveries = self.store.claim(&request).await.unwrap().deliveries;
        let receipts: Vec<Receipt> = deliveries.iter().map(|d| d.receipt).collect();
        assert_eq!(receipts, self.list.claim(max, self.now));
        self.receipts.extend(receipts);
    }

    async fn compare(&self) {
        let queues = self.store.queues(self.now).await.unwrap();
        let queue = queues.iter().find(|q| q.recipient == self.recipient);
        if !self.list.rows.is_empty() {
            let expected = self.list.status(&self.recipient, self.now);
            assert_eq!(queue, Some(&expected));
        }
    }
}

pub(crate) async fn a_queue_does_what_a_list_walked_from_the_front_would(site: &impl Site) {
    let store = site.open().await;
    let mut runner = TestRunner::deterministic();
    for case in 0..CASES {
        let script = steps().new_tree(&mut runner).unwrap().current();
        let mut pair = Pair {
            store: Arc::clone(&store),
            case,
            recipient: Recipient::new(format!("case-{case}")).unwrap(),
            list: List::default(),
            receipts: Vec::new(),
            now: sample::at(0),
        };
        for step in script {
            pair.step(step).await;
            pair.compare().await;
        }
    }
}
