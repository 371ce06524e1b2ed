//! What a run measures: rate, latency percentiles, CPU and memory of the server.

use std::time::Duration;

/// Latencies of one scenario, and how long it ran.
#[derive(Default)]
pub struct Latencies {
    micros: Vec<u32>,
    pub errors: u64,
}

impl Latencies {
    pub fn record(&mut self, latency: Duration) {
        self.micros.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
    }

    pub fn merge(&mut self, other: Latencies) {
        self.micros.extend(other.micros);
        self.errors += other.errors;
    }

    pub fn count(&self) -> usize {
        self.micros.len()
    }

    /// p50, p95, p99 and maximum, in milliseconds.
    pub fn percentiles(&mut self) -> [f64; 4] {
        self.micros.sort_unstable();
        let at = |p: f64| {
            let index = ((self.micros.len() as f64 * p).ceil() as usize).saturating_sub(1);
            self.micros
                .get(index.min(self.micros.len().saturating_sub(1)))
                .map_or(0.0, |us| f64::from(*us) / 1000.0)
        };
        [at(0.50), at(0.95), at(0.99), at(1.0)]
    }
}

/// CPU seconds and resident memory of a process, from /proc (Linux). `None` elsewhere or for a remote server.
pub fn process(pid: u32) -> Option<(f64, u64)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let rss = status
        .lines()
        .find_map(|l| l.strip_prefix("VmRSS:"))?
        .split_whitespace()
        .next()?
        .parse::<u64>()
        .ok()?;
    Some((ticks as f64 / 100.0, rss * 1024))
}

/// What a histogram of `/metrics` measured so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    pub seconds: f64,
    pub times: f64,
}

impl Spent {
    /// Of a histogram without labels, in the Prometheus text format; nothing yet when it is not there.
    pub fn read(metrics: &str, name: &str) -> Spent {
        let value = |suffix: &str| {
            let of = |line: &str| line.strip_prefix(name)?.strip_prefix(suffix)?.trim().parse().ok();
            metrics.lines().find_map(of).unwrap_or_default()
        };
        Spent { seconds: value("_sum "), times: value("_count ") }
    }

    /// What was added since.
    pub fn since(self, before: Spent) -> Spent {
        Spent { seconds: self.seconds - before.seconds, times: self.times - before.times }
    }
}

/// Bytes of all files under a directory.
pub fn directory_bytes(dir: &std::path::Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(m) if m.is_dir() => directory_bytes(&entry.path()),
            Ok(m) => m.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_sorted_latencies() {
        let mut latencies = Latencies::default();
        for ms in (1..=100).rev() {
            latencies.record(Duration::from_millis(ms));
        }
        assert_eq!(latencies.percentiles(), [50.0, 95.0, 99.0, 100.0]);
        assert_eq!(Latencies::default().percentiles(), [0.0; 4]);
    }

    #[test]
    fn time_spent_is_read_from_a_histogram() {
        let metrics = "# TYPE dmp_x_seconds histogram\ndmp_x_seconds_bucket{le=\"0.1\"} 3\ndmp_x_seconds_sum 0.75\n\
                       dmp_x_seconds_count 3\ndmp_y_seconds_sum 9\n";
        let spent = Spent::read(metrics, "dmp_x_seconds");
        assert_eq!(spent, Spent { seconds: 0.75, times: 3.0 });
        assert_eq!(spent.since(Spent { seconds: 0.25, times: 1.0 }), Spent { seconds: 0.5, times: 2.0 });
        assert_eq!(Spent::read(metrics, "dmp_z_seconds"), Spent::default());
    }
}
