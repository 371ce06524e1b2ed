//! The loop that takes connections: how many, how long one may keep silent, how they end.

use super::Edge;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// How long the head of a request may take, and a connection may stay without one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long requests in flight may take once the server is told to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
/// Room for a head: more than we accept, so that the refusal is ours and says why.
const HEAD_BYTES: usize = 128 * 1024;
const STREAMS_MAX: u32 = 100;

/// How many connections at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// In all.
    pub connections: usize,
    /// From one address; loopback is not counted.
    pub per_address: usize,
}

/// A server that runs.
pub struct ServerHandle {
    /// Where it listens.
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl ServerHandle {
    /// Takes no more connection, lets requests in flight finish, and waits for them.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

/// Starts answering on a listener.
pub fn serve(listener: TcpListener, address: SocketAddr, edge: Arc<Edge>, limits: Limits) -> ServerHandle {
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(run(listener, edge, limits, stopped));
    ServerHandle { address, stop, task }
}

async fn run(listener: TcpListener, edge: Arc<Edge>, limits: Limits, stopped: oneshot::Receiver<()>) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS)));
    let addresses = Addresses::default();
    let mut stopped = pin!(stopped);
    loop {
        let accepted = async {
            // At the limit nothing is accepted: the backlog of the system waits, then refuses.
            let permit = Arc::clone(&room).acquire_owned().await.map_err(io::Error::other)?;
            listener.accept().await.map(|(stream, peer)| (stream, peer, permit))
        };
        let accepted = tokio::select! {
            accepted = accepted => accepted,
            _ = &mut stopped => break,
        };
        let (stream, peer, permit) = match accepted {
            Ok(accepted) => accepted,
            // Out of descriptors, most of the time: wait for connections to end rather than spin.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Some(seat) = addresses.seat(peer.ip(), limits.per_address) else { continue };
        let (edge, watcher) = (Arc::clone(&edge), graceful.watcher());
        tokio::spawn(async move {
            connection(stream, peer, edge, watcher).await;
            drop((permit, seat));
        });
    }
    drop(listener);
    if timeout(STOP_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests still in flight were cut");
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    edge: Arc<Edge>,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let _ = stream.set_nodelay(true);
    let asked = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&asked);
    let service = service_fn(move |request: Request<Incoming>| {
        seen.store(true, Ordering::Relaxed);
        let edge = Arc::clone(&edge);
        async move { Ok::<_, Infallible>(edge.answer(request, peer).await) }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES)
        .half_close(false);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(32 * 1024)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
    let served = watcher.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned());
    let mut served = pin!(served);
    // The version is guessed from the first bytes, which no timer of the library watches.
    tokio::select! {
        _ = &mut served => return,
        () = sleep(HEAD_TIMEOUT + Duration::from_secs(1)) => {}
    }
    if asked.load(Ordering::Relaxed) {
        let _ = served.await;
    }
}

/// Connections by address.
#[derive(Clone, Default)]
struct Addresses(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One connection of an address; leaves with it.
struct Seat {
    addresses: Addresses,
    address: IpAddr,
}

impl Addresses {
    fn seat(&self, address: IpAddr, max: usize) -> Option<Seat> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_insert(0);
        if *count >= max && !address.is_loopback() {
            return None;
        }
        *count += 1;
        Some(Seat { addresses: self.clone(), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.addresses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_connections_and_loopback_any() {
        let addresses = Addresses::default();
        let (one, other): (IpAddr, IpAddr) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        let first = addresses.seat(one, 2);
        let second = addresses.seat(one, 2);
        assert!(first.is_some() && second.is_some() && addresses.seat(one, 2).is_none());
        assert!(addresses.seat(other, 2).is_some(), "another address");
        drop(first);
        assert!(addresses.seat(one, 2).is_some(), "a seat that was left");
        let local: IpAddr = [127, 0, 0, 1].into();
        let seats: Vec<_> = (0..5).map(|_| addresses.seat(local, 2)).collect();
        assert!(seats.iter().all(Option::is_some));
        drop((second, seats));
        assert!(addresses.0.lock().unwrap().is_empty(), "nothing is kept of those who left");
    }
}
