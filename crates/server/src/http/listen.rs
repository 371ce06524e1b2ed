//! The loop that takes connections: how many, how long one may keep silent, how they end.

use super::Edge;
use crate::files::{Refresh, keep_fresh};
use bytes::Bytes;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rustls::pki_types::CertificateDer;
use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// How long a TLS handshake may take, then the head of a request, and how long a connection may stay without one.
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

/// A port, by what comes in there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Pages, FHIR, and everything else.
    Main,
    /// The DMP interface alone, in mutual TLS.
    Services,
}

/// A connection, as the requests that come by it see it.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Other end.
    pub address: SocketAddr,
    /// By which port.
    pub door: Door,
    /// TLS ended in this process.
    pub encrypted: bool,
    /// Certificate of the client (DER), verified.
    pub certificate: Option<Bytes>,
    /// What came with it, and leads to its authority.
    pub between: Arc<[CertificateDer<'static>]>,
}

/// A port that is taken.
pub struct Taken {
    /// It.
    pub listener: TcpListener,
    /// Its address, with the real port.
    pub address: SocketAddr,
    /// What comes in there.
    pub door: Door,
}

/// A server that runs.
pub struct ServerHandle {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it listens, as clients on this machine write it.
    pub url: String,
    /// Address of the DMP interface, when it is served: paths of services follow.
    pub services: Option<String>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl ServerHandle {
    /// Does something beside the requests, until the server is told to stop.
    pub(crate) fn accompany(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        let mut stopped = self.stop.subscribe();
        self.tasks.push(tokio::spawn(async move {
            tokio::select! {
                () = work => {}
                _ = stopped.changed() => {}
            }
        }));
    }

    /// Takes no more connection, lets requests in flight finish, and waits for them.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

/// Ports that are taken, and what stays fresh while they are.
pub(crate) struct Doors {
    /// Pages, FHIR, and the rest.
    pub(crate) main: Taken,
    /// The DMP interface alone, in mutual TLS.
    pub(crate) services: Option<Taken>,
    /// Address of the DMP interface, when it is served.
    pub(crate) services_url: Option<String>,
    /// Read from files that may change.
    pub(crate) refreshed: Vec<Arc<dyn Refresh>>,
}

/// Starts answering.
pub(crate) fn serve(doors: Doors, edge: Edge, limits: Limits) -> ServerHandle {
    let Doors { main, services, services_url, refreshed } = doors;
    let edge = Arc::new(edge);
    let (stop, stopped) = watch::channel(false);
    let address = main.address;
    let scheme = if edge.acceptor(Door::Main).is_some() { "https" } else { "http" };
    let room = Room {
        connections: Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS))),
        addresses: Addresses::default(),
        per_address: limits.per_address,
    };
    let mut tasks: Vec<_> = [Some(main), services]
        .into_iter()
        .flatten()
        .map(|taken| tokio::spawn(run(taken, Arc::clone(&edge), room.clone(), stopped.clone())))
        .collect();
    if !refreshed.is_empty() {
        let mut stopped = stopped;
        tasks.push(tokio::spawn(async move {
            tokio::select! {
                () = keep_fresh(refreshed) => {}
                _ = stopped.changed() => {}
            }
        }));
    }
    ServerHandle { address, url: format!("{scheme}://{address}"), services: services_url, stop, tasks }
}

/// Room for connections, shared by every port.
#[derive(Clone)]
struct Room {
    connections: Arc<Semaphore>,
    addresses: Addresses,
    per_address: usize,
}

async fn run(taken: Taken, edge: Arc<Edge>, room: Room, mut stopped: watch::Receiver<bool>) {
    let Taken { listener, door, .. } = taken;
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = async {
            // At the limit nothing is accepted: the backlog of the system waits, then refuses.
            let permit = Arc::clone(&room.connections).acquire_owned().await.map_err(io::Error::other)?;
            listener.accept().await.map(|(stream, peer)| (stream, peer, permit))
        };
        let accepted = tokio::select! {
            accepted = accepted => accepted,
            _ = stopped.changed() => break,
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
        let Some(seat) = room.addresses.seat(peer.ip(), room.per_address) else { continue };
        let (edge, watcher, mut stopped) = (Arc::clone(&edge), graceful.watcher(), stopped.clone());
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let between = Arc::from(Vec::new());
            let arrival = Arrival { address: peer, door, encrypted: false, certificate: None, between };
            match edge.acceptor(door) {
                None => connection(stream, arrival, edge, watcher).await,
                Some(acceptor) => {
                    let shaken = tokio::select! {
                        shaken = handshake(acceptor, stream, arrival) => shaken,
                        _ = stopped.changed() => None,
                    };
                    if let Some((stream, arrival)) = shaken {
                        connection(stream, arrival, edge, watcher).await;
                    }
                }
            }
            drop((permit, seat));
        });
    }
    drop(listener);
    if timeout(STOP_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests still in flight were cut");
    }
}

/// Ends TLS; `None` when the client does not come to it, in time or at all.
async fn handshake(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    arrival: Arrival,
) -> Option<(tokio_rustls::server::TlsStream<TcpStream>, Arrival)> {
    let stream = match timeout(HEAD_TIMEOUT, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        // Scanners and clients that left, for the most part; a certificate that is refused as well.
        Ok(Err(error)) => {
            metrics::counter!("dmp_tls_failures_total").increment(1);
            tracing::debug!(%error, "a TLS handshake failed");
            return None;
        }
        Err(_) => {
            metrics::counter!("dmp_tls_failures_total").increment(1);
            return None;
        }
    };
    let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let certificate = certificates.first().map(|der| Bytes::copy_from_slice(der));
    let between = certificates.iter().skip(1).map(|der| der.clone().into_owned()).collect();
    Some((stream, Arrival { encrypted: true, certificate, between, ..arrival }))
}

async fn connection<S>(stream: S, arrival: Arrival, edge: Arc<Edge>, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let asked = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&asked);
    let service = service_fn(move |request: Request<Incoming>| {
        seen.store(true, Ordering::Relaxed);
        let (edge, arrival) = (Arc::clone(&edge), arrival.clone());
        async move { Ok::<_, Infallible>(edge.answer(request, &arrival).await) }
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
