//! The registry over HTTP: what is registered, in every version, and everything that changes it.
//!
//! Architecture invariant: whoever changes something says who they are and why; both are kept with the
//! change and in the audit trail. Who changes what exists says which version they have seen.

mod body;
mod change;
mod device;
mod document;
mod missing;
mod order;
mod part;
mod preview;
mod read;
pub(in crate::web) mod seen;
mod write;
mod zone;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::WebState;

/// The largest document, in bytes: the registry of a county.
const DOCUMENT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Everything about what is registered.
pub(super) fn routes() -> OpenApiRouter<WebState> {
    OpenApiRouter::new()
        .routes(routes!(read::revision, document::put))
        .routes(routes!(preview::preview))
        .routes(routes!(missing::list))
        .routes(routes!(document::put_orders))
        .routes(routes!(read::list))
        .routes(routes!(read::one, write::put, write::remove))
        .routes(routes!(read::versions))
        .routes(routes!(order::vary))
        .routes(routes!(order::suspend))
        .routes(routes!(order::resume))
        .routes(routes!(order::end))
        .routes(routes!(device::activate))
        .routes(routes!(device::deactivate))
        .routes(routes!(device::reassign))
        .routes(routes!(zone::attach))
        .layer(DefaultBodyLimit::max(DOCUMENT_BYTES_MAX))
}
