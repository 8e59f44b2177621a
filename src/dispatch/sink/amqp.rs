//! Queues of a broker that speaks AMQP 0-9-1. The receipt is the broker's confirm.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::runtime::default_runtime;
use lapin::tcp::OwnedTLSConfig;
use lapin::types::{AMQPValue, FieldTable};
use lapin::uri::AMQPUri;
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, PublisherConfirm,
};
use tokio::sync::Mutex;

use super::{Failure, MEDIA_TYPE, Message, Sink, named};
use crate::config::AmqpConfig;
use crate::tls;

/// The code of a message that is kept through a restart (AMQP 0-9-1, `delivery-mode`).
const PERSISTENT: u8 = 2;

/// Publishes every notification, persistent and mandatory, with publisher confirms.
pub(super) struct Amqp {
    uri: AMQPUri,
    tls: OwnedTLSConfig,
    client: String,
    exchange: Option<String>,
    queue: String,
    timeout: Duration,
    link: Mutex<Option<Link>>,
}

/// A connection with its one channel: what is published over one channel stays in order.
struct Link {
    connection: Connection,
    channel: Channel,
    /// The queues declared over it.
    declared: BTreeSet<String>,
}

impl Amqp {
    pub(super) fn new(
        config: &AmqpConfig,
        client: String,
        timeout: Duration,
    ) -> Result<Self, String> {
        let mut uri: AMQPUri = config.url.parse().map_err(|why| format!("url: {why}"))?;
        if let Some(password) = &config.password {
            password
                .read()?
                .expose()
                .clone_into(&mut uri.authority.userinfo.password);
        }
        let cert_chain = match &config.ca_file {
            None => None,
            Some(file) => {
                tls::roots(file)?;
                let text = std::fs::read_to_string(file);
                Some(text.map_err(|error| format!("{}: {error}", file.display()))?)
            }
        };
        Ok(Self {
            uri,
            tls: OwnedTLSConfig {
                identity: None,
                cert_chain,
            },
            client,
            exchange: config.exchange.clone(),
            queue: config.queue.clone(),
            timeout,
            link: Mutex::default(),
        })
    }

    async fn connect(&self) -> Result<Link, lapin::Error> {
        let properties =
            ConnectionProperties::default().with_connection_name(self.client.as_str().into());
        let connection = Connection::connect_uri_with_config(
            self.uri.clone(),
            properties,
            self.tls.clone(),
            default_runtime()?,
        );
        let connection = connection.await?;
        let channel = connection.create_channel().await?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        Ok(Link {
            connection,
            channel,
            declared: BTreeSet::new(),
        })
    }

    /// Hands a message to the connection, a new one where there is none. Those that come here at the
    /// same time take turns.
    async fn publish(&self, message: &Message) -> Result<PublisherConfirm, lapin::Error> {
        let mut slot = self.link.lock().await;
        let is_up =
            |link: &Link| link.connection.status().connected() && link.channel.status().connected();
        let mut link = match slot.take() {
            Some(link) if is_up(&link) => link,
            Some(_) | None => self.connect().await?,
        };
        let name = named(&self.queue, &message.queue);
        if self.exchange.is_none() && !link.declared.contains(&name) {
            declare(&link.channel, &name).await?;
            link.declared.insert(name.clone());
        }
        let exchange = self.exchange.as_deref().unwrap_or_default();
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let properties = properties(message);
        let published = link
            .channel
            .basic_publish(
                exchange.into(),
                name.into(),
                options,
                &message.body,
                properties,
            )
            .await?;
        // Only a link on which all went well is used again.
        *slot = Some(link);
        Ok(published)
    }
}

fn properties(message: &Message) -> BasicProperties {
    BasicProperties::default()
        .with_message_id(message.id.to_string().into())
        .with_content_type(MEDIA_TYPE.into())
        .with_delivery_mode(PERSISTENT)
}

/// Sees to it that a queue is there that survives the loss of a broker.
async fn declare(channel: &Channel, name: &str) -> Result<(), lapin::Error> {
    let mut arguments = FieldTable::default();
    arguments.insert(
        "x-queue-type".into(),
        AMQPValue::LongString("quorum".into()),
    );
    channel
        .queue_declare(name.into(), QueueDeclareOptions::durable(), arguments)
        .await?;
    Ok(())
}

#[async_trait]
impl Sink for Amqp {
    async fn deliver(&self, message: &Message) -> Result<String, Failure> {
        let confirmed = async { self.publish(message).await?.await };
        match tokio::time::timeout(self.timeout, confirmed).await {
            Ok(Ok(confirmation)) => judge(&confirmation),
            Ok(Err(error)) => {
                tracing::debug!(%error, "not confirmed");
                Err(Failure::away("connection lost before the confirm"))
            }
            Err(_elapsed) => {
                tracing::debug!("no confirm in time");
                // What is under way there might be published after what is given back.
                drop(self.link.lock().await.take());
                Err(Failure::away("no confirm in time"))
            }
        }
    }
}

/// What a confirm means. A message that was returned has reached no queue, whatever the broker
/// confirms: nobody has bound one. A broker that says no has not got the means, disk mostly.
fn judge(confirmation: &Confirmation) -> Result<String, Failure> {
    match confirmation {
        Confirmation::Ack(None) => Ok("AMQP confirm".to_owned()),
        Confirmation::Ack(Some(returned)) | Confirmation::Nack(Some(returned)) => Err(
            Failure::failed(format!("returned: {}", returned.reply_code)),
        ),
        Confirmation::Nack(None) => Err(Failure::failed("AMQP nack")),
        Confirmation::NotRequested => Err(Failure::failed("the broker does not confirm")),
    }
}
