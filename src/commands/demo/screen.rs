//! What the demo shows while it runs: alerts as they come, and a line of progress.

use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use model::{Phase, Recipient};
use simulator::Oracle;
use tokio::sync::watch;

use super::town::Town;
use super::{Demo, print};
use crate::store::{Store, StoreError, StreamEvent};

/// Events read at once.
const PAGE: usize = 256;

/// Follows the live stream, as any recipient would.
pub(super) struct Screen {
    store: Arc<dyn Store>,
    newest_event: watch::Receiver<u64>,
    last: u64,
    alerts: u64,
    progress: ProgressBar,
}

impl Screen {
    pub(super) fn new(
        arguments: &Demo,
        store: Arc<dyn Store>,
        newest_event: watch::Receiver<u64>,
    ) -> Self {
        let progress = arguments
            .planned_end()
            .map_or_else(ProgressBar::new_spinner, |end| {
                ProgressBar::new(end.as_secs())
            });
        let template = "{elapsed_precise} {wide_bar} {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            progress.set_style(style);
        }
        let last = *newest_event.borrow();
        Self {
            store,
            newest_event,
            last,
            alerts: 0,
            progress,
        }
    }

    /// Waits for the next events and shows them to people and to the oracle.
    pub(super) async fn follow(&mut self, oracle: &mut Oracle) -> anyhow::Result<()> {
        if self
            .newest_event
            .wait_for(|newest| *newest > self.last)
            .await
            .is_err()
        {
            return std::future::pending().await;
        }
        self.next_page(oracle).await?;
        Ok(())
    }

    /// Shows everything there is.
    pub(super) async fn catch_up(&mut self, oracle: &mut Oracle) -> anyhow::Result<()> {
        while self.next_page(oracle).await? > 0 {}
        Ok(())
    }

    pub(super) fn progress(&self, town: &Town) {
        self.progress
            .set_position(self.progress.elapsed().as_secs());
        let (now, sent) = (town.now(), town.acknowledged());
        self.progress
            .set_message(format!("{now}  {sent} messages  {} alerts", self.alerts));
    }

    pub(super) fn end(&self) {
        self.progress.finish_and_clear();
    }

    async fn next_page(&mut self, oracle: &mut Oracle) -> Result<usize, anyhow::Error> {
        let events = self.page().await?;
        for event in &events {
            self.last = event.id;
            oracle.observe(&event.decision);
            if event.decision.phase == Phase::Opened {
                self.alerts += 1;
            }
            let line = line(event);
            self.progress.suspend(|| print(&line))?;
        }
        Ok(events.len())
    }

    async fn page(&self) -> Result<Vec<StreamEvent>, StoreError> {
        self.store.events_after(self.last, PAGE).await
    }
}

/// One decision, for people: when, how urgent, what, about whom, who is told.
fn line(event: &StreamEvent) -> String {
    let StreamEvent {
        severity,
        recipients,
        decision,
        ..
    } = event;
    let recipients: Vec<&str> = recipients.iter().map(Recipient::as_str).collect();
    let condition = decision
        .condition
        .as_ref()
        .map_or("", |condition| condition.as_str());
    let after_s = decision.decided.seconds_since(decision.onset);
    format!(
        "{decided}  {severity:<8} {kind:<24} {phase:<9} {wearer:<10} {condition:<14} +{after_s:.0}s → {recipients}",
        decided = decision.decided.to_chrono().format("%H:%M:%S"),
        severity = severity.as_str(),
        kind = decision.kind.as_str(),
        phase = decision.phase.as_str(),
        wearer = decision.wearer.as_str(),
        recipients = recipients.join(", "),
    )
}
