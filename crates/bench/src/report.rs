//! The report: what a run gave, beside what the server, this process and the machine spent or could do.

use crate::scenarios::{Limits, Measured};
use crate::stats::Spent;
use crate::{Face, Options, Scenario};
use serde_json::{Value, json};

/// What was observed around a run.
pub struct Observed {
    /// CPU seconds and resident bytes of the server, before and after; none of a server elsewhere.
    pub server: Option<((f64, u64), (f64, u64))>,
    /// CPU seconds of this process.
    pub client_seconds: Option<f64>,
    /// What `/metrics` says of the verification of VIHF, in elapsed time: where threads wait for a core, it is well above
    /// the CPU time (twice, on two cores shared with builds), so the share made of it is an upper bound. None of a server
    /// that does not tell.
    pub vihf: Option<Spent>,
    /// Bytes added on disk.
    pub stored: u64,
}

/// The report as one JSON object.
pub fn report(options: &Options, result: &mut Measured, observed: &Observed, limits: &Limits) -> Value {
    let count = result.latencies.count();
    let a_request = |seconds: f64| seconds * 1000.0 / count.max(1) as f64;
    let rate = count as f64 / result.seconds;
    let [p50, p95, p99, max] = result.latencies.percentiles();
    let limit = if options.scenario == Scenario::Publish { limits.raw_sqlite } else { limits.empty_handler };
    let mut report = json!({
        "scenario": format!("{:?}", options.scenario).to_lowercase(),
        "face": format!("{:?}", options.face).to_lowercase(),
        "clients": options.clients,
        "seconds": result.seconds,
        "requests": count,
        "requests_per_second": rate,
        "p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "max_ms": max,
        "answers_checked": result.checked,
        "document_bytes": options.size,
        "zstd_ratio": limits.zstd_ratio,
        "raw_sqlite_documents_per_second": limits.raw_sqlite,
        "empty_handler_requests_per_second": limits.empty_handler,
        "share_of_limit": rate / limit.max(1.0),
    });
    match options.face {
        // By the server's design, not measured: it keeps verified tokens by hash (server/src/identity).
        Face::Fhir => {
            report["token_signatures"] = json!(match options.url {
                None =>
                    "one token for the run; dmp keeps a verified one until it ends (by design, not measured)",
                Some(_) => "one token for the run; whether that server keeps a verified one is not known",
            });
        }
        Face::Xds => {
            report["vihf_signed_before"] = json!(result.signed);
            report["stopped_for_want_of_vihf"] = json!(result.ran_out);
        }
    }
    if let Some(seconds) = observed.client_seconds {
        report["client_cpu_ms_per_request"] = json!(a_request(seconds));
    }
    if let Some(((cpu0, _), (cpu1, rss))) = observed.server {
        report["server_cpu_ms_per_request"] = json!(a_request(cpu1 - cpu0));
        report["server_cpu_cores"] = json!((cpu1 - cpu0) / result.seconds);
        report["server_rss_bytes"] = json!(rss);
    }
    if let Some(vihf) = observed.vihf.filter(|vihf| vihf.times > 0.0) {
        report["vihf_checked"] = json!(vihf.times);
        report["vihf_ms_per_request"] = json!(vihf.seconds * 1000.0 / vihf.times);
        if let Some(((cpu0, _), (cpu1, _))) = observed.server {
            report["vihf_share_of_server_cpu_at_most"] = json!(vihf.seconds / (cpu1 - cpu0).max(0.01));
        }
    }
    if result.published > 0 && observed.stored > 0 {
        report["stored_bytes_per_document"] = json!(observed.stored / result.published);
    }
    report
}

/// The report for people.
pub fn print(report: &Value) {
    let number = |key: &str| report[key].as_f64().unwrap_or(0.0);
    let has = |key: &str| report.get(key).is_some();
    println!(
        "scenario {} over {}, {} clients, {:.1} s",
        report["scenario"],
        report["face"],
        report["clients"],
        number("seconds")
    );
    println!(
        "  {:>10.0} requests/s  ({} requests, {} answers checked)",
        number("requests_per_second"),
        report["requests"],
        report["answers_checked"]
    );
    println!(
        "  p50 {:.2} ms   p95 {:.2} ms   p99 {:.2} ms   max {:.1} ms",
        number("p50_ms"),
        number("p95_ms"),
        number("p99_ms"),
        number("max_ms")
    );
    if has("server_cpu_cores") {
        println!(
            "  server: {:.2} cores, {:.3} ms CPU a request, {:.0} MiB resident; this client: {:.3} ms CPU a request",
            number("server_cpu_cores"),
            number("server_cpu_ms_per_request"),
            number("server_rss_bytes") / 1048576.0,
            number("client_cpu_ms_per_request")
        );
    }
    if has("vihf_signed_before") {
        println!(
            "  VIHF: {} signed before the run, which is not counted; each request takes another{}",
            report["vihf_signed_before"],
            if report["stopped_for_want_of_vihf"] == true {
                "; STOPPED EARLY, none was left: raise --assertions"
            } else {
                ""
            }
        );
    }
    if has("vihf_ms_per_request") {
        let share = match report["vihf_share_of_server_cpu_at_most"].as_f64() {
            Some(share) => format!(", at most {share:.2} of the server's CPU time"),
            None => String::new(),
        };
        println!(
            "  VIHF: {:.3} ms to check one ({:.0} checked){share}: elapsed time by the server's own histogram, a few \
             times its CPU time where cores are short",
            number("vihf_ms_per_request"),
            number("vihf_checked"),
        );
    }
    if has("stored_bytes_per_document") {
        println!(
            "  stored: {:.0} bytes a document of {} (all files)",
            number("stored_bytes_per_document"),
            report["document_bytes"]
        );
    }
    println!("  documents compress {:.1}:1 with zstd 3", number("zstd_ratio"));
    if let Some(signatures) = report["token_signatures"].as_str() {
        println!("  token signatures: {signatures}");
    }
    println!(
        "  limits, same run: raw SQLite {:.0} documents/s, empty handler {:.0} requests/s; share {:.2}",
        number("raw_sqlite_documents_per_second"),
        number("empty_handler_requests_per_second"),
        number("share_of_limit")
    );
    for (key, peer) in report.as_object().into_iter().flatten().filter(|(k, _)| k.starts_with("peer_")) {
        println!("  {key}: {peer}");
    }
}
