//! Why a decision goes to whom it goes.

use std::fmt;

use model::registry::{Order, Wearer};
use model::{Decision, Recipient, Rung, Severity, Timestamp};
use serde::Serialize;

use crate::matching::{Case, Unmet};
use crate::policy::Route;
use crate::{Routed, RoutingPolicy, Unfilled};

/// What each route of a policy makes of a decision, and what comes of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The routes, in the order written.
    pub routes: Vec<Explained>,
    /// Who is told in the end.
    pub recipients: Vec<Recipient>,
    /// How urgent it is.
    pub severity: Severity,
    /// By when they must have been told.
    pub notify_by: Option<Timestamp>,
    /// Who is told, one after the other, where nobody acknowledges it.
    pub ladder: Vec<Rung>,
    /// Whether no route took it, so that it goes to the operators.
    pub unrouted: bool,
}

/// What one route makes of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explained {
    /// The route.
    pub route: String,
    /// The line of the policy that it begins on.
    pub line: usize,
    /// What it makes of it.
    #[serde(flatten)]
    pub verdict: RouteVerdict,
}

/// What a route makes of a decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum RouteVerdict {
    /// It takes it.
    Takes {
        /// Whom it tells.
        tells: Vec<Recipient>,
        /// Who could not be named, and why; the operators are told instead.
        unfilled: Vec<Unfilled>,
        /// Whether those after it are not asked.
        exclusive: bool,
    },
    /// It does not apply.
    PassesOver {
        /// All that does not hold.
        because: Vec<Unmet>,
    },
    /// It is not asked any more.
    NotAsked {
        /// The exclusive route that took it before.
        after: String,
        /// Whether it would have applied.
        applies: bool,
    },
}

impl RoutingPolicy {
    /// Says what each route makes of `decision`, about `wearer` under `order` as far as they are known.
    #[must_use]
    pub fn explain(
        &self,
        decision: &Decision,
        wearer: Option<&Wearer>,
        order: Option<&Order>,
    ) -> Explanation {
        let case = Case {
            decision,
            wearer,
            order,
        };
        let mut taken: Option<&Route> = None;
        let mut routes = Vec::new();
        for route in &self.routes {
            let verdict = verdict(route, &case, taken);
            let takes = matches!(verdict, RouteVerdict::Takes { .. });
            routes.push(Explained {
                route: route.name.clone(),
                line: route.line,
                verdict,
            });
            if takes && route.exclusive {
                taken = Some(route);
            }
        }
        let Routed {
            severity,
            notify_by,
            notifications,
            unrouted,
            ladder,
            unfilled: _,
        } = self.route(decision, wearer, order);
        let recipients = notifications.into_iter().map(|told| told.recipient);
        Explanation {
            routes,
            recipients: recipients.collect(),
            severity,
            notify_by,
            ladder,
            unrouted,
        }
    }
}

fn verdict(route: &Route, case: &Case<'_>, taken: Option<&Route>) -> RouteVerdict {
    let because = route.when.unmet(case);
    if let Some(taken) = taken {
        return RouteVerdict::NotAsked {
            after: taken.name.clone(),
            applies: because.is_empty(),
        };
    }
    if !because.is_empty() {
        return RouteVerdict::PassesOver { because };
    }
    let (tells, unfilled) = route.address(case.wearer, case.order);
    RouteVerdict::Takes {
        tells,
        unfilled,
        exclusive: route.exclusive,
    }
}

impl fmt::Display for Explanation {
    /// The routes, one or more lines each, and what comes of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for route in &self.routes {
            writeln!(f, "{route}")?;
        }
        let names = list(self.recipients.iter().map(Recipient::as_str));
        write!(f, "told: {names}; severity {}", self.severity.as_str())?;
        if let Some(by) = self.notify_by {
            write!(f, "; by {by}")?;
        }
        if self.unrouted {
            f.write_str("; no route took it")?;
        }
        for (number, rung) in (1..).zip(&self.ladder) {
            let names = list(rung.to.iter().map(Recipient::as_str));
            write!(f, "\nif nobody acknowledges it, {number}: {names}")?;
            if let Some(within) = rung.within_s {
                write!(f, ", and {within} s later")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            route,
            line,
            verdict,
        } = self;
        let mark = match verdict {
            RouteVerdict::Takes { .. } => '+',
            RouteVerdict::PassesOver { .. } | RouteVerdict::NotAsked { .. } => '-',
        };
        write!(f, "{mark} {route:?} (line {line}): {verdict}")
    }
}

impl fmt::Display for RouteVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Takes {
                tells,
                unfilled,
                exclusive,
            } => {
                let names = list(tells.iter().map(Recipient::as_str));
                write!(f, "takes it, tells {names}")?;
                for unfilled in unfilled {
                    write!(f, "; {unfilled}")?;
                }
                if *exclusive {
                    f.write_str("; exclusive")?;
                }
                Ok(())
            }
            Self::PassesOver { because } => {
                let because: Vec<String> = because.iter().map(ToString::to_string).collect();
                f.write_str(&because.join("; "))
            }
            Self::NotAsked { after, applies } => {
                write!(f, "not asked after {after:?}")?;
                if *applies {
                    f.write_str("; it would have applied")?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, asks, has } = self;
        let asks = list(asks.iter().map(String::as_str));
        if has.is_empty() {
            return write!(f, "asks for {field} {asks}, and there is none");
        }
        let has = list(has.iter().map(String::as_str));
        write!(f, "asks for {field} {asks}, and it is {has}")
    }
}

impl fmt::Display for Unfilled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            template,
            field,
            value,
            ..
        } = self;
        match value {
            None => write!(f, "{template} cannot be filled: there is no {field}"),
            Some(value) => write!(
                f,
                "{template} cannot be filled: {field} {value:?} names no queue"
            ),
        }
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
