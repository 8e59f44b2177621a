//! What people do about alerts, and what becomes of it.

use serde_json::{Value, json};

use crate::harness::{Mosquitto, Tagwatch, ZONE_LAT, ZONE_LON, fix, publish, topic, wait_until};

const PARTITIONS: u16 = 1;

/// Metres from home: far out of any doubt.
const AWAY_M: f64 = 2_000.0;

/// Somebody on home detention curfew, all day long, where the fixes of the harness count from.
fn curfew() -> String {
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    json!({
        "wearers": [{"id": "W-0", "police_force": "loamshire", "probation_region": "the-shires"}],
        "activations": [{"device": "GPS-0", "kind": "gps", "wearer": "W-0", "from": "2026-01-01T00:00:00Z"}],
        "places": [{"id": "P-1", "lat": ZONE_LAT, "lon": ZONE_LON, "radius_m": 50}],
        "orders": [{"id": "O-1", "wearer": "W-0", "type": "POST_RELEASE", "hdc": true, "from": "2026-01-01T00:00:00Z",
            "time_zone": "UTC",
            "conditions": [{"id": "C-1", "kind": "curfew", "place": "P-1",
                "windows": [{"days": days, "start": "00:00", "end": "24:00"}]}]}],
    })
    .to_string()
}

/// A fix a minute, from so many minutes ago to so many.
fn report(port: u16, from: i64, to: i64, north_m: f64) {
    let now_ms = chrono::Utc::now().timestamp_millis();
    let fixes = (to..from).rev().map(|ago| {
        let seq = u64::try_from(10_000 - ago).unwrap();
        let payload = fix(seq, now_ms - ago * 60_000, north_m);
        (topic(0, PARTITIONS), payload.to_string())
    });
    publish(port, fixes.collect::<Vec<_>>().into_iter());
}

fn alert(tagwatch: &Tagwatch, kind: &str) -> Option<Value> {
    let (_, body) = tagwatch.api.get(&format!("/v1/alerts?kind={kind}"));
    body["alerts"].as_array().unwrap().first().cloned()
}

fn step(tagwatch: &Tagwatch, alert: &Value, body: &Value) -> Value {
    let id = alert["alert"].as_str().unwrap();
    let path = format!("/v1/alerts/{id}/steps");
    let (status, answer) = tagwatch.api.change("POST", &path, None, body);
    assert_eq!(status, 201, "{answer}");
    answer
}

#[test]
fn minutes_that_are_excused_flow_back_into_the_budget_and_are_held_against_the_wearer_again() {
    let mosquitto = Mosquitto::start();
    let tagwatch = Tagwatch::start(mosquitto.port, PARTITIONS, &curfew());
    report(mosquitto.port, 200, 170, 0.0);
    report(mosquitto.port, 170, 30, AWAY_M);
    report(mosquitto.port, 30, 0, 0.0);
    let state = |kind| alert(&tagwatch, kind).map(|alert| alert["state"].clone());
    wait_until("the budget is used up", || {
        state("atv_exhausted") == Some(json!("open"))
            && state("left_during") == Some(json!("cleared"))
    });
    let left = alert(&tagwatch, "left_during").unwrap();

    let why = json!({"action": "adjudicate", "finding": "reasonable_excuse", "comment": "taken to hospital: letter seen"});
    let answer = step(&tagwatch, &left, &why);
    let excused = &answer["triage"]["excused"];
    assert_eq!(excused["from"], left["onset"], "{answer}");
    wait_until("the minutes are not counted any more", || {
        state("atv_exhausted") == Some(json!("cleared"))
    });
    let exhausted = alert(&tagwatch, "atv_exhausted").unwrap();
    let evidence = &exhausted["decision"]["evidence"];
    let excused_s = evidence["excused_s"]
        .as_i64()
        .or_else(|| evidence["atv"]["excused_s"].as_i64());
    assert!(excused_s.unwrap() >= 7_200, "{exhausted}");
    let absence = excused["absence"].as_str().unwrap();
    let (_, registered) = tagwatch.api.get(&format!("/v1/registry/absence/{absence}"));
    assert_eq!(
        registered["document"]["reason"],
        "reasonable_excuse: taken to hospital: letter seen"
    );

    // The letter was forged.
    let why = json!({"action": "adjudicate", "finding": "unreasonable", "comment": "the hospital knows of nobody"});
    step(&tagwatch, &left, &why);
    wait_until("the minutes count again", || {
        let (_, body) = tagwatch.api.get("/v1/alerts?kind=atv_exhausted&state=open");
        !body["alerts"].as_array().unwrap().is_empty()
    });
    let (status, _) = tagwatch.api.get(&format!("/v1/registry/absence/{absence}"));
    assert_eq!(status, 404);
}

/// Everything to the police, who have two seconds, and then up a ladder.
const HASTE: &str = r#"
[[route]]
name = "faults"
when = { kind = ["device_fault"] }
to = ["police/{police_force}"]
severity = "high"
notify_within = "2s"
escalate = [{ to = ["operators"], within = "2s" }, { to = ["duty-manager"] }]

[[route]]
name = "incidents"
when = { kind = ["incident"] }
to = ["operators"]
severity = "high"

[[incident]]
name = "faults"
kind = ["device_fault"]
threshold = 5
within = "10m"
quiet = "5s"
"#;

/// The tags of these wearers say that they are broken.
fn break_down(port: u16, wearers: std::ops::Range<usize>) {
    let now_ms = chrono::Utc::now().timestamp_millis();
    let faults = wearers.map(|wearer| {
        let topic = topic(wearer, PARTITIONS).replace("/position", "/event");
        (
            topic,
            json!({"seq": 1, "t": now_ms, "code": "fault"}).to_string(),
        )
    });
    publish(port, faults.collect::<Vec<_>>().into_iter());
}

fn alerts(tagwatch: &Tagwatch, query: &str) -> Vec<Value> {
    let (_, body) = tagwatch.api.get(&format!("/v1/alerts?{query}"));
    body["alerts"].as_array().unwrap().clone()
}

/// Types of the events in a queue, which are claimed.
fn claim(tagwatch: &Tagwatch, queue: &str) -> Vec<Value> {
    let path = format!("/v1/queues/{queue}/claim");
    let (_, body) = tagwatch
        .api
        .change("POST", &path, None, &json!({"max": 100}));
    body["deliveries"].as_array().unwrap().clone()
}

#[test]
fn what_nobody_acknowledges_goes_up_the_ladder_and_is_late() {
    let mosquitto = Mosquitto::start();
    let registry = crate::harness::registry(2);
    let tagwatch = Tagwatch::start_routed(mosquitto.port, PARTITIONS, &registry, HASTE);
    break_down(mosquitto.port, 0..2);
    wait_until("both are told of", || {
        alerts(&tagwatch, "kind=device_fault").len() == 2
    });
    // Whoever acknowledges W-1's keeps the others out of it.
    let of = |wearer: &str| alerts(&tagwatch, &format!("wearer={wearer}")).remove(0);
    step(&tagwatch, &of("W-1"), &json!({"action": "acknowledge"}));
    wait_until("the ladder is gone up", || of("W-0")["triage"]["rung"] == 2);
    let late = of("W-0");
    assert_eq!(late["triage"]["late"], true, "{late}");
    assert_eq!(of("W-1")["triage"]["late"], false);
    let told = |queue| {
        let claimed = claim(&tagwatch, queue);
        let types = claimed.iter().map(|delivery| {
            let event = &delivery["event"];
            (
                event["subject"].clone(),
                event["type"].clone(),
                event["data"]["escalation"]["step"].clone(),
            )
        });
        types.collect::<Vec<_>>()
    };
    let escalated = |step: u32| vec![(json!("W-0"), json!("uk.em.alert.escalated"), json!(step))];
    assert_eq!(told("operators"), escalated(1));
    assert_eq!(told("duty-manager"), escalated(2));
    assert_eq!(told("police/staffordshire").len(), 2);
    let (_, body) = tagwatch
        .api
        .get(&format!("/v1/alerts/{}", late["alert"].as_str().unwrap()));
    let explained = std::process::Command::new(crate::harness::TAGWATCH)
        .args([
            "explain-route",
            "--alert",
            late["alert"].as_str().unwrap(),
            "--config",
        ])
        .arg(tagwatch.folder.path().join("tagwatch.toml"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&explained.stdout);
    assert!(
        said.contains("+ \"faults\" (line 2): takes it, tells police/staffordshire"),
        "{said}"
    );
    assert!(
        said.contains("if nobody acknowledges it, 2: duty-manager"),
        "{said}"
    );
    let (_, audit) = tagwatch.api.get("/v1/audit?limit=1");
    assert_eq!(audit["entries"][0]["action"], "alert.explain");
    let steps: Vec<&Value> = body["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| &step["action"])
        .collect();
    assert_eq!(steps, ["overdue", "overdue"]);
}

#[test]
fn many_faults_at_once_are_one_incident_and_none_of_them_is_lost() {
    let mosquitto = Mosquitto::start();
    let registry = crate::harness::registry(12);
    let mut tagwatch = Tagwatch::start_routed(mosquitto.port, PARTITIONS, &registry, HASTE);
    break_down(mosquitto.port, 0..12);
    wait_until("all are alerts", || {
        alerts(&tagwatch, "kind=device_fault").len() == 12
    });
    let incident = alerts(&tagwatch, "kind=incident").remove(0);
    assert_eq!(
        (&incident["state"], &incident["lists"]),
        (&json!("open"), &json!(12)),
        "{incident}"
    );
    // Those that came before there were many had been told already.
    assert_eq!(claim(&tagwatch, "police/staffordshire").len(), 4);
    let listed = alerts(
        &tagwatch,
        &format!("listed_under={}", incident["alert"].as_str().unwrap()),
    );
    assert_eq!(listed.len(), 12);
    // It goes on after a crash, and ends when nothing more comes: what is still open is told then.
    tagwatch.kill();
    tagwatch.restart();
    wait_until("the incident is over", || {
        alerts(&tagwatch, "kind=incident")[0]["state"] == "cleared"
    });
    assert_eq!(claim(&tagwatch, "police/staffordshire").len(), 8);
    let told = claim(&tagwatch, "operators");
    let phases: Vec<&Value> = told
        .iter()
        .filter(|delivery| delivery["event"]["data"]["decision"]["kind"] == "incident")
        .map(|delivery| &delivery["event"]["type"])
        .collect();
    assert_eq!(phases.first(), Some(&&json!("uk.em.alert.opened")));
    assert_eq!(phases.last(), Some(&&json!("uk.em.alert.cleared")));
}

#[test]
fn a_new_routing_policy_is_taken_up_while_it_runs_and_a_bad_one_is_not() {
    let mosquitto = Mosquitto::start();
    let registry = crate::harness::registry(3);
    let tagwatch = Tagwatch::start_routed(mosquitto.port, PARTITIONS, &registry, HASTE);
    let policy = tagwatch.folder.path().join("routing.toml");
    let counted = |result: &str| {
        tagwatch.metric(&format!(
            "tagwatch_routing_policies_total{{result=\"{result}\"}}"
        ))
    };
    assert_eq!(counted("taken_up"), 1);
    std::fs::write(&policy, HASTE.replace("police/{police_force}", "court")).unwrap();
    wait_until("it is taken up", || counted("taken_up") == 2);
    break_down(mosquitto.port, 0..1);
    wait_until("the court is told", || {
        !claim(&tagwatch, "court").is_empty()
    });

    std::fs::write(&policy, HASTE.replace("police/{police_force}", "The Court")).unwrap();
    wait_until("it is refused", || counted("refused") == 1);
    assert!(
        tagwatch.output().contains("is not a recipient"),
        "{}",
        tagwatch.output()
    );
    break_down(mosquitto.port, 1..2);
    wait_until("the old one stays", || {
        !claim(&tagwatch, "court").is_empty()
    });
    assert_eq!(counted("taken_up"), 2);
    std::fs::write(&policy, HASTE).unwrap();
    wait_until("a good one is taken up again", || counted("taken_up") == 3);
    break_down(mosquitto.port, 2..3);
    wait_until("the police are told", || {
        !claim(&tagwatch, "police/staffordshire").is_empty()
    });
}
