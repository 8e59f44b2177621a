use super::Service;

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let service = Service::start().await;
    assert!(
        service
            .get("/v2/alerts")
            .await
            .problem(404)
            .contains("/v2/alerts")
    );
    service.post("/v1/alerts", "").await.problem(405);
    service.get("/v1/queues/operators/claim").await.problem(405);
}

#[tokio::test]
async fn bodies_too_large_or_not_declared_as_json_are_refused() {
    let service = Service::start().await;
    let path = "/v1/queues/operators/claim";
    let large = format!("{{\"consumer\":\"{}\"}}", "x".repeat(64 * 1024));
    assert!(
        service
            .post(path, &large)
            .await
            .problem(413)
            .contains("65536")
    );
    // What a form on another site's page could send without asking first.
    let form = [("content-type", "text/plain")];
    service.ask("POST", path, &form, "{}").await.problem(415);
}

#[tokio::test]
async fn pages_of_other_sites_are_kept_out_of_what_is_about_people() {
    let service = Service::start().await;
    let rebound = [("host", "evil.example")];
    service
        .ask("GET", "/v1/alerts", &rebound, "")
        .await
        .problem(421);
    let foreign = [("origin", "http://evil.example")];
    service
        .ask("POST", "/v1/queues/operators/claim", &foreign, "")
        .await
        .problem(403);
    let own = format!("http://{}", service.address);
    let same = [("origin", own.as_str())];
    assert_eq!(
        service.ask("GET", "/v1/alerts", &same, "").await.status,
        200
    );
    // Probes come by whatever name the orchestrator uses, and learn nothing about anybody.
    let probe = [("host", "tagwatch.internal")];
    assert_eq!(service.ask("GET", "/healthz", &probe, "").await.status, 200);
    assert_eq!(service.audited().await.len(), 1, "only the answered read");
}
