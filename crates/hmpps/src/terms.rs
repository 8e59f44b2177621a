//! What an order says of itself, its conditions apart.

use chrono::NaiveDate;
use model::registry::{NotifyingOrganisation, OrderType, ResponsibleOrganisation};
use model::{OrderId, Timestamp};

use crate::fields::{Fields, Given, quoted};
use crate::findings::Findings;
use crate::local::Edge;
use crate::names;

/// The longest id of an order, in bytes: what is left of an id's 96 for `-attendance-100-` and a checksum.
const ORDER_ID_BYTES_MAX: usize = 64;

/// What a message wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
    New,
    Variation,
    End,
}

/// What an order says of itself. What is absent, or has a fault, is nothing.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) id: Option<OrderId>,
    pub(crate) request: Option<Request>,
    /// The date of a variation.
    pub(crate) varied: Option<NaiveDate>,
    pub(crate) order_type: Option<OrderType>,
    pub(crate) responsible: Option<ResponsibleOrganisation>,
    pub(crate) notifying: Option<NotifyingOrganisation>,
    pub(crate) hdc: bool,
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
}

impl Terms {
    pub(crate) fn read(fields: &mut Fields<'_>, findings: &mut Findings) -> Self {
        let id = id(fields, findings);
        let request = request(fields, findings);
        let (from, to) = bounds(request, fields, findings);
        Self {
            id,
            request,
            varied: varied(request, fields, findings),
            order_type: order_type(fields, findings),
            responsible: responsible(fields, findings),
            notifying: notifying(fields, findings),
            hdc: fields.yes("hdc", findings).unwrap_or(false),
            from,
            to,
        }
    }

    /// Whether the message is about an order that was there before.
    pub(crate) fn varies(&self) -> bool {
        self.request != Some(Request::New)
    }
}

fn id(fields: &mut Fields<'_>, findings: &mut Findings) -> Option<OrderId> {
    let text = fields.text("order_id", findings);
    let id = text.and_then(|text| OrderId::new(text).ok());
    let id = id.filter(|id| id.as_str().len() <= ORDER_ID_BYTES_MAX);
    if id.is_none() {
        let right = format!(
            "should be an id of at most {ORDER_ID_BYTES_MAX} bytes without spaces, '/', '+' or '#'"
        );
        findings.fault(fields.path("order_id"), fields.raw("order_id"), right);
    }
    id
}

/// The service calls everything but a new order a variation, and says in the subcategory when it ends one;
/// by the names of its own enumeration, it is all in the type.
fn request(fields: &mut Fields<'_>, findings: &mut Findings) -> Option<Request> {
    let text = fields.text("order_request_type", findings);
    let subcategory = fields.text("subcategory", findings).unwrap_or_default();
    let ends = ["SR21", "SR11"]
        .iter()
        .any(|code| subcategory.starts_with(code));
    let request = match text
        .unwrap_or_default()
        .to_uppercase()
        .replace(' ', "_")
        .as_str()
    {
        "NEW_ORDER" | "REQUEST" | "AMEND_ORIGINAL_REQUEST" => Request::New,
        "VARIATION" if ends => Request::End,
        "VARIATION" | "REINSTALL_AT_DIFFERENT_ADDRESS" | "REINSTALL_DEVICE" => Request::Variation,
        "REVOCATION" | "END_MONITORING" => Request::End,
        _ => {
            let right = "should be \"New Order\" or \"Variation\" (a rejected request is no order)";
            let value = fields.raw("order_request_type");
            findings.fault(fields.path("order_request_type"), value, right);
            return None;
        }
    };
    Some(request)
}

fn varied(
    request: Option<Request>,
    fields: &mut Fields<'_>,
    findings: &mut Findings,
) -> Option<NaiveDate> {
    let date = fields.date("order_variation_date", findings);
    let received = fields.date("order_variation_req_received_date", findings);
    let varied = date.or(received);
    match request? {
        Request::New => None,
        Request::Variation | Request::End => {
            if varied.is_none() {
                let path = fields.path("order_variation_date");
                let value = fields.raw("order_variation_date");
                findings.fault(path, value, "should be the date of the variation");
            }
            varied
        }
    }
}

fn order_type(fields: &mut Fields<'_>, findings: &mut Findings) -> Option<OrderType> {
    let order_type = fields
        .text("order_type", findings)
        .and_then(names::order_type);
    if order_type.is_none() {
        let value = fields.raw("order_type");
        findings.fault(fields.path("order_type"), value, names::ORDER_TYPES);
    }
    order_type
}

fn responsible(
    fields: &mut Fields<'_>,
    findings: &mut Findings,
) -> Option<ResponsibleOrganisation> {
    let text = fields.text("responsible_organization", findings);
    let text = text.filter(|text| *text != "N/A")?;
    let responsible = names::responsible(text);
    if responsible.is_none() {
        let path = fields.path("responsible_organization");
        findings.fault(path, quoted(text), names::RESPONSIBLE);
    }
    responsible
}

fn notifying(fields: &mut Fields<'_>, findings: &mut Findings) -> Option<NotifyingOrganisation> {
    let text = fields.text("notifying_organization", findings);
    let text = text.filter(|text| *text != "N/A")?;
    let notifying = names::notifying(text);
    if notifying.is_none() {
        let note = format!("kept but not used, as it is none of the kinds known: {text}");
        findings.note(fields.path("notifying_organization"), note);
    }
    notifying
}

fn bounds(
    request: Option<Request>,
    fields: &mut Fields<'_>,
    findings: &mut Findings,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let from = fields.moment("order_start", Edge::Start, findings).at();
    let stated = fields.moment("order_end", Edge::End, findings);
    let revoked = fields.moment("revocation_date", Edge::End, findings).at();
    let to = [stated.at(), revoked].into_iter().flatten().min();
    if request == Some(Request::End) && to.is_none() {
        let right = "should be when the order ends, as the message is to end it";
        findings.fault(fields.path("order_end"), fields.raw("order_end"), right);
    }
    if from.is_none() && fields.text("order_start", findings).is_none() {
        let note = "not said: the order starts with the first of its conditions";
        findings.note(fields.path("order_start"), note);
    }
    if stated == Given::Absent && fields.text("order_end", findings).is_none() {
        findings.note(fields.path("order_end"), "not said: the order has no end");
    }
    if let (Some(from), Some(to)) = (from, to)
        && to <= from
    {
        findings.fault(
            fields.path("order_end"),
            fields.raw("order_end"),
            "should be after `order_start`",
        );
    }
    (from, to)
}
