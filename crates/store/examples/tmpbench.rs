#![allow(dead_code, clippy::all, missing_docs)]
#[path = "../tests/contract/world.rs"]
mod world;
use dmp_dossier::*;
use dmp_store::*;
use std::sync::Arc;
use std::time::Instant;
use uuid::Uuid;
use world::*;

fn cda(n: u64) -> (Vec<u8>, String) {
    let path = std::env::var("CDA").unwrap_or("/work/shared/data/cda-samples/t30-VSM_1.4_2022.01.xml".into());
    let base = std::fs::read_to_string(path).unwrap();
    let mut x = n.wrapping_mul(0x9E3779B97F4A7C15) | 1;
    let mut r = || { x ^= x << 13; x ^= x >> 7; x ^= x << 17; x };
    let mut out = String::new();
    let mut text = String::new();
    let start = base.find("<component").unwrap_or(0);
    out.push_str(&base[..start.min(12_000)]);
    // cut to 30 kB, digits varied
    for c in base[start..].chars() {
        if out.len() >= 30_000 { break; }
        if c.is_ascii_digit() && r() % 4 == 0 { out.push((b'0' + (r() % 10) as u8) as char) } else { out.push(c) }
    }
    let mut intag = false;
    for c in out.chars() { match c { '<' => intag = true, '>' => { intag = false; text.push(' ') } c if !intag => text.push(c), _ => {} } }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (out.into_bytes(), text)
}

fn main() {
    let args: Vec<u64> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    let (dossiers, docs, seconds) = (args[0], args[1], args[2]);
    let rt = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    rt.block_on(async move {
        let w = Arc::new(World::new(|d| Ok(Arc::new(SqliteEngine::open(d)?))).await);
        let dr = doctor(1);
        let samples: Vec<_> = (0..64).map(cda).collect();
        let samples = Arc::new(samples);
        println!("cda {} bytes, text {} bytes, zstd {}", samples[0].0.len(), samples[0].1.len(), zstd::bulk::compress(&samples[0].0, 3).unwrap().len());
        let t = Instant::now();
        par(dossiers, { let w = w.clone(); move |i| { let w = w.clone(); async move { let i = ins(i); w.open_dossier(&i).await; w.authorise(&i, &doctor(1), false).await; } } }).await;
        println!("open+authorise {}/s", dossiers as f64 / t.elapsed().as_secs_f64());
        let size = || { let mut n = 0; for e in ["", "-wal"] { n += std::fs::metadata(w.dir.0.join(format!("dossiers.sqlite{e}"))).map(|m| m.len()).unwrap_or(0) } n };
        let db = || std::fs::metadata(w.dir.0.join("dossiers.sqlite")).unwrap().len();
        let before = db();
        let t = Instant::now(); let cpu = cputime();
        let total = dossiers * docs;
        par(total, { let w = w.clone(); let samples = samples.clone(); let dr = dr.clone(); move |i| { let w = w.clone(); let samples = samples.clone(); let dr = dr.clone(); async move {
            let mut d = document(i); let s = &samples[(i % 64) as usize]; d.bytes = s.0.clone(); d.text = if std::env::var("NOTEXT").is_ok() { String::new() } else { s.1.clone() };
            w.publish(&dr, &ins(i % dossiers), d).await.unwrap();
        } } }).await;
        println!("publish {:.0}/s, cpu {:.0} us each; db {} bytes per doc (wal {})", total as f64 / t.elapsed().as_secs_f64(), (cputime() - cpu) * 1e6 / total as f64, (db().saturating_sub(before)) / total, size() - db());
        for (name, kind) in [("search", 0), ("retrieve", 1), ("status", 2)] {
            let t = Instant::now(); let cpu = cputime();
            let n = Arc::new(std::sync::atomic::AtomicU64::new(0));
            let mut tasks = vec![];
            for c in 0..32u64 { let w = w.clone(); let dr = dr.clone(); let n = n.clone(); tasks.push(tokio::spawn(async move {
                let mut x = c * 7919 + 1;
                while t.elapsed().as_secs() < seconds {
                    x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    let i = ins((x >> 33) % dossiers);
                    let doc = ((x >> 20) % docs) * dossiers + (x >> 33) % dossiers;
                    let q = match kind { 0 => Query::FindDocuments(Box::default()), 1 => Query::Retrieve(vec![by_uid(&format!("1.2.250.1.213.1.1.9.{doc}"))]), _ => Query::Status };
                    let target = if kind == 1 { Target::Document(by_uid(&format!("1.2.250.1.213.1.1.9.{doc}"))) } else { Target::Patient(i) };
                    let a = w.store.consult(&dr, target, q, Uuid::nil()).await.unwrap();
                    if kind == 1 { assert_eq!(a.contents[0].len(), 30_000.min(a.contents[0].len())); }
                    n.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
            })); }
            for t in tasks { t.await.unwrap(); }
            let n = n.load(std::sync::atomic::Ordering::Relaxed);
            println!("{name} {:.0}/s, cpu {:.0} us each", n as f64 / t.elapsed().as_secs_f64(), (cputime() - cpu) * 1e6 / n as f64);
        }
    });
}

async fn par<F: std::future::Future<Output = ()> + Send + 'static>(n: u64, f: impl Fn(u64) -> F + Send + Sync + Clone + 'static) {
    let next = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let mut tasks = vec![];
    for _ in 0..32 { let f = f.clone(); let next = next.clone(); tasks.push(tokio::spawn(async move { loop { let i = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed); if i >= n { break } f(i).await } })); }
    for t in tasks { t.await.unwrap(); }
}

fn cputime() -> f64 {
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}
