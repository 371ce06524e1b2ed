//! What is counted, in the Prometheus text format.

use http::Method;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

/// Upper bounds of the buckets of durations, in seconds; around the goals of design 8.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// The recorder of this process.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Figures of the process; servers that share a process share them.
#[derive(Debug, Clone, Copy)]
pub struct Figures;

impl Figures {
    /// Starts counting.
    pub fn start() {
        RECORDER.get_or_init(|| {
            let builder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
                .ok()?;
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            // Another recorder (a test's) keeps its place.
            metrics::set_global_recorder(recorder).ok()?;
            Some(handle)
        });
        metrics::describe_counter!("dmp_http_requests_total", "Requests, by route, method and status");
        metrics::describe_histogram!("dmp_http_request_seconds", "Time to answer, by route");
        metrics::describe_counter!("dmp_commits_total", "Journal appends, by outcome");
        metrics::describe_counter!("dmp_refusals_total", "Refusals of the record, by reason");
        metrics::describe_counter!("dmp_panics_total", "Requests that ended in a panic");
        metrics::describe_counter!("dmp_tls_failures_total", "TLS handshakes that did not come to their end");
        metrics::describe_counter!(
            "dmp_soap_requests_total",
            "Messages of the DMP interface, by operation and fault"
        );
        metrics::describe_histogram!("dmp_vihf_seconds", "Time to verify a VIHF");
        metrics::describe_gauge!("dmp_store_bytes", "Size of the files of the database");
    }

    /// All of them, as Prometheus reads them; with the size of the files of a database.
    pub fn render(data: &Path) -> String {
        // A directory that cannot be read has no size to tell; the store says what is wrong with it.
        for file in std::fs::read_dir(data).into_iter().flatten().flatten() {
            if let (Ok(name), Ok(metadata)) = (file.file_name().into_string(), file.metadata())
                && metadata.is_file()
                && name.contains(".sqlite")
            {
                metrics::gauge!("dmp_store_bytes", "file" => name).set(metadata.len() as f64);
            }
        }
        let handle = RECORDER.get().and_then(Option::as_ref);
        handle.map_or_else(String::new, |handle| {
            handle.run_upkeep();
            handle.render()
        })
    }
}

/// Counts an answer.
pub(super) fn request(method: &Method, route: &str, status: u16, elapsed: Duration) {
    let method = match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    };
    let route = route.to_owned();
    metrics::counter!("dmp_http_requests_total", "route" => route.clone(), "method" => method, "status" => status.to_string())
        .increment(1);
    metrics::histogram!("dmp_http_request_seconds", "route" => route).record(elapsed);
}
