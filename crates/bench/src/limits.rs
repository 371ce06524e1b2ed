//! The two limits, measured in the same run: the same bytes raw to SQLite in group commit, and an empty handler on the
//! same HTTP library.

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// Documents a second, written raw: 30 kB and a row of metadata, groups of 32, `synchronous=FULL`, one writer.
pub fn raw_sqlite(dir: &Path, documents: &[Bytes], seconds: f64) -> Result<f64> {
    let path = dir.join("raw-limit.db");
    let mut db = rusqlite::Connection::open(&path).context("raw SQLite limit")?;
    db.execute_batch(
        "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
         CREATE TABLE doc(id INTEGER PRIMARY KEY, patient INTEGER, uid TEXT, meta BLOB, body BLOB);
         CREATE INDEX doc_patient ON doc(patient); CREATE UNIQUE INDEX doc_uid ON doc(uid);",
    )?;
    let meta = vec![7u8; 1500];
    let start = Instant::now();
    let mut written = 0i64;
    while start.elapsed().as_secs_f64() < seconds {
        let group = db.transaction()?;
        {
            let mut insert =
                group.prepare_cached("INSERT INTO doc(patient, uid, meta, body) VALUES(?1, ?2, ?3, ?4)")?;
            for _ in 0..32 {
                let body = &documents[usize::try_from(written)? % documents.len()];
                insert.execute(rusqlite::params![
                    written % 2000,
                    format!("1.2.3.{written}"),
                    meta,
                    &body[..]
                ])?;
                written += 1;
            }
        }
        group.commit()?;
    }
    let rate = written as f64 / start.elapsed().as_secs_f64();
    drop(db);
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(dir.join(format!("raw-limit.db{suffix}")));
    }
    Ok(rate)
}

/// Requests a second of a handler that swallows the same body and answers nothing, by as many clients.
pub async fn empty_handler(clients: usize, body: Bytes, answer: Bytes, seconds: f64) -> Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let server = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let _ = stream.set_nodelay(true);
                let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                    let answer = answer.clone();
                    async move {
                        let _ = request.into_body().collect().await;
                        Ok::<_, std::convert::Infallible>(hyper::Response::new(Full::new(answer)))
                    }
                });
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (url, body) = (url.clone(), body.clone());
            tokio::spawn(async move {
                let mut client = crate::client::Client::new(&url, "")?;
                let mut count = 0u64;
                while Instant::now() < end {
                    client.send("POST", "/", "application/octet-stream", "*/*", body.clone()).await?;
                    count += 1;
                }
                Ok::<u64, anyhow::Error>(count)
            })
        })
        .collect();
    let mut total = 0;
    for task in tasks {
        total += task.await??;
    }
    server.abort();
    Ok(total as f64 / seconds)
}
