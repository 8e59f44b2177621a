//! Passing notifications on to the systems of others.
//!
//! A sink is a consumer like any other: it claims under a lease, passes on, and acknowledges what
//! the remote end says that it has. So what a sink passes on arrives at least once, the same
//! notification with the same id each time, and one wearer's in the order of their queue.
//!
//! Architecture invariant: a notification is acknowledged on the remote end's own word only.

mod amqp;
mod mqtt;
mod signature;
mod webhook;
mod worker;

use std::time::Duration;

use async_trait::async_trait;
use model::{NotificationId, Recipient};

use super::CloudEvent;
use crate::config::{Destination, SinkConfig};

pub use signature::{SigningKey, SigningKeyError};
pub use worker::{Worker, WorkerParts};

/// A remote end that takes notifications.
#[async_trait]
pub trait Sink: Send + Sync {
    /// Passes one notification on; what comes back is what the remote end said when it took it over.
    async fn deliver(&self, message: &Message) -> Result<String, Failure>;
}

/// A notification as it is passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The same each time it is passed on.
    pub id: NotificationId,
    /// Whose queue it is from.
    pub queue: Recipient,
    /// The CloudEvent, in structured JSON.
    pub body: Vec<u8>,
}

/// The media type of [`Message::body`].
const MEDIA_TYPE: &str = "application/cloudevents+json";

/// Why a notification was not passed on. The reasons name no people: they are ours, and codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The remote end takes nothing at present, whatever it is: no attempt at this notification.
    Away {
        /// Why.
        reason: String,
        /// When it wants to be tried again, if it says so.
        retry_after: Option<Duration>,
    },
    /// It did not take this one. It may another time.
    Failed {
        /// Why.
        reason: String,
    },
    /// It will never take this one.
    Refused {
        /// Why.
        reason: String,
    },
}

impl Failure {
    fn away(reason: impl Into<String>) -> Self {
        Self::Away {
            reason: reason.into(),
            retry_after: None,
        }
    }

    fn failed(reason: impl Into<String>) -> Self {
        Self::Failed {
            reason: reason.into(),
        }
    }

    fn refused(reason: impl Into<String>) -> Self {
        Self::Refused {
            reason: reason.into(),
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Away { reason, .. } | Self::Failed { reason } | Self::Refused { reason } => {
                reason
            }
        }
    }
}

impl Message {
    /// Writes the event down.
    ///
    /// # Errors
    /// When it has no JSON form: then it never will.
    fn new(event: &CloudEvent) -> Result<Self, Failure> {
        let body = serde_json::to_vec(event);
        let body = body.map_err(|error| Failure::refused(format!("no JSON form: {error}")))?;
        Ok(Self {
            id: event.id,
            queue: event.data.recipient.clone(),
            body,
        })
    }
}

/// Makes a sink ready, as far as that goes without the remote end; `installation` names us there.
///
/// # Errors
/// What is wrong with its settings, in words.
pub fn open(config: &SinkConfig, installation: &str) -> Result<Box<dyn Sink>, String> {
    let wrong = |why: String| format!("sink {}: {why}", config.name);
    let client = format!("{installation}-sink-{}", config.name);
    let timeout = config.to.timeout();
    Ok(match &config.to {
        Destination::Webhook(webhook) => {
            Box::new(webhook::Webhook::new(webhook, timeout).map_err(wrong)?)
        }
        Destination::Mqtt(mqtt) => Box::new(mqtt::Mqtt::new(mqtt, client, timeout).map_err(wrong)?),
        Destination::Amqp(amqp) => Box::new(amqp::Amqp::new(amqp, client, timeout).map_err(wrong)?),
    })
}

/// A name with the queue's put in.
fn named(template: &str, queue: &Recipient) -> String {
    template.replace("{queue}", queue.as_str())
}
