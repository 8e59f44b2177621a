//! The HTTP interface, as a client sees it.

use std::time::Duration;

use serde_json::Value;

/// A client of one installation.
#[derive(Clone)]
pub(crate) struct Api {
    base: String,
    agent: ureq::Agent,
    token: String,
}

impl Api {
    pub(crate) fn new(base: impl Into<String>) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build();
        Self {
            base: base.into(),
            agent: agent.into(),
            token: String::new(),
        }
    }

    /// The same, showing a token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            token: format!("Bearer {token}"),
            ..self.clone()
        }
    }

    /// Where it is.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// GET: the status and the body.
    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        let mut response = self
            .agent
            .get(format!("{}{path}", self.base))
            .header("authorization", &self.token)
            .call()
            .unwrap();
        let status = response.status().as_u16();
        (
            status,
            parse(&response.body_mut().read_to_string().unwrap()),
        )
    }

    /// Changes something for a clerk who has seen this version of it: the status and the body.
    pub(crate) fn change(
        &self,
        method: &str,
        path: &str,
        seen: Option<u32>,
        document: &Value,
    ) -> (u16, Value) {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("x-actor", "clerk-7")
            .header("x-reason", "order of the court")
            .header("content-type", "application/json");
        if let Some(version) = seen {
            request = request.header("if-match", format!("\"{version}\""));
        }
        let request = request.body(document.to_string()).unwrap();
        let mut response = self.agent.run(request).unwrap();
        let status = response.status().as_u16();
        (
            status,
            parse(&response.body_mut().read_to_string().unwrap()),
        )
    }

    /// GET, of a service that may be down, or slow to answer: `None` when it does not.
    pub(crate) fn try_get(&self, path: &str, patience: Duration) -> Option<(u16, Value)> {
        let request = self.agent.get(format!("{}{path}", self.base));
        let request = request.config().timeout_global(Some(patience)).build();
        let mut response = request.call().ok()?;
        let status = response.status().as_u16();
        let body = response.body_mut().read_to_string().ok()?;
        Some((status, parse(&body)))
    }

    /// The reasons and details of the dead letters, newest first.
    pub(crate) fn dead_letters(&self) -> Vec<(String, String)> {
        let (status, body) = self.get("/v1/dead-letters?limit=100");
        assert_eq!(status, 200, "{body}");
        let text = |letter: &Value, field: &str| letter[field].as_str().unwrap().to_owned();
        let letters = body["dead_letters"].as_array().unwrap();
        letters
            .iter()
            .map(|letter| (text(letter, "reason"), text(letter, "detail")))
            .collect()
    }
}

fn parse(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|_text| Value::String(body.to_owned()))
}
