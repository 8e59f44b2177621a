//! Taking in documents: everything that is wrong with them at once, where it stands.

use model::Timestamp;
use registry::{Document, Problem, Problems};

use super::amend::{Outcome, Proposal, Refusal, Registrar, Who};

impl Registrar {
    /// Takes in what `documents` say, as `proposal` has it. What is wrong with them as they are written
    /// and what does not fit together is told in one go.
    ///
    /// # Errors
    /// As for [`Self::take_in`].
    pub async fn take_in_documents(
        &self,
        documents: &Document,
        proposal: Proposal,
        who: &Who,
    ) -> Result<Outcome, Refusal> {
        if !is_sound(documents) {
            return self.rehearse_documents(documents, proposal, who.at).await;
        }
        let outcome = self.take_in(&with_unread(proposal, documents), who).await;
        all(documents, outcome)
    }

    /// What that would change, were it taken in at `now`.
    ///
    /// # Errors
    /// As for [`Self::take_in`].
    pub async fn rehearse_documents(
        &self,
        documents: &Document,
        proposal: Proposal,
        now: Timestamp,
    ) -> Result<Outcome, Refusal> {
        let outcome = self.rehearse(&with_unread(proposal, documents), now).await;
        match all(documents, outcome) {
            Ok(outcome) if !is_sound(documents) => Err(Refusal::Problems(outcome.warnings)),
            told => told,
        }
    }
}

fn is_sound(documents: &Document) -> bool {
    !documents.problems().iter().any(Problem::is_error)
}

/// What points at a part that could not be read points at something.
fn with_unread(mut proposal: Proposal, documents: &Document) -> Proposal {
    proposal.missing.extend(documents.unread().iter().cloned());
    proposal
}

/// What is wrong with the documents as they are written, and what was found besides, in its place.
fn all(documents: &Document, outcome: Result<Outcome, Refusal>) -> Result<Outcome, Refusal> {
    let all = |found: Problems| -> Problems {
        let found = found.into_iter().map(|problem| documents.placed(problem));
        documents.problems().iter().cloned().chain(found).collect()
    };
    match outcome {
        Ok(outcome) => Ok(Outcome {
            warnings: all(outcome.warnings),
            ..outcome
        }),
        Err(Refusal::Problems(problems)) => Err(Refusal::Problems(all(problems))),
        Err(other) => Err(other),
    }
}
