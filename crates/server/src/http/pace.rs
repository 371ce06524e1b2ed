//! A body that comes too slowly or too long is not waited for.
//!
//! Ten seconds, then 8 KiB each second on average (security.md row 2), and never thirty seconds without a byte: a client
//! that sends byte by byte, or much and then nothing, holds a connection for a moment and no more.

use super::answer::Fault;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// Longest body of the pages and of `/api`: forms and small questions.
pub const SMALL_BODY_BYTES_MAX: usize = 64 * 1024;
/// Longest form of the pages that carries a file; each page has its own limit below it.
pub const UPLOAD_BYTES_MAX: usize = 33 << 20;
const GRACE: Duration = Duration::from_secs(10);
const BYTES_PER_SECOND_MIN: u64 = 8 * 1024;
const SILENCE: Duration = Duration::from_secs(30);

const FINE: u8 = 0;
const SLOW: u8 = 1;
const LONG: u8 = 2;

/// What became of a body, to be asked after the answer.
pub struct State(Arc<AtomicU8>);

impl State {
    /// The fault of the body, if any.
    pub fn fault(&self) -> Option<Fault> {
        match self.0.load(Ordering::Relaxed) {
            SLOW => Some(Fault::SLOW),
            LONG => Some(Fault::TOO_LONG),
            _ => None,
        }
    }
}

/// The same body, held to its pace and length.
pub fn paced<B>(body: B, bytes_max: usize) -> (Paced<B>, State) {
    let state = Arc::new(AtomicU8::new(FINE));
    let started = Instant::now();
    let paced = Paced {
        body,
        started,
        last: started,
        received: 0,
        bytes_max: bytes_max as u64,
        deadline: None,
        state: Arc::clone(&state),
    };
    (paced, State(state))
}

/// A body held to its pace and length.
pub struct Paced<B> {
    body: B,
    started: Instant,
    /// When the last bytes came.
    last: Instant,
    received: u64,
    bytes_max: u64,
    /// Made when the body keeps one waiting: most requests never do.
    deadline: Option<Pin<Box<Sleep>>>,
    state: Arc<AtomicU8>,
}

/// Why reading a body stopped.
#[derive(Debug)]
pub struct BodyCut(&'static str);

impl fmt::Display for BodyCut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for BodyCut {}

impl<B> Body for Paced<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: fmt::Display,
{
    type Data = Bytes;
    type Error = BodyCut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyCut>>> {
        let frame = match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(frame) => frame,
            Poll::Pending => {
                let pace = self.started + GRACE + Duration::from_secs(self.received / BYTES_PER_SECOND_MIN);
                let due = pace.min(self.last + SILENCE);
                let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep_until(due)));
                if deadline.deadline() != due {
                    deadline.as_mut().reset(due);
                }
                ready!(deadline.as_mut().poll(context));
                self.state.store(SLOW, Ordering::Relaxed);
                return Poll::Ready(Some(Err(BodyCut("the body came too slowly"))));
            }
        };
        Poll::Ready(match frame {
            None => None,
            Some(Err(_)) => Some(Err(BodyCut("the body was cut short"))),
            Some(Ok(frame)) => {
                self.last = Instant::now();
                self.received += frame.data_ref().map_or(0, |data| data.len() as u64);
                if self.received > self.bytes_max {
                    self.state.store(LONG, Ordering::Relaxed);
                    return Poll::Ready(Some(Err(BodyCut("the body is too long"))));
                }
                Some(Ok(frame))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;
    use tokio::time::Interval;

    /// So many bytes at each tick, so many times, and then silence.
    struct Trickle {
        every: Interval,
        bytes: usize,
        left: usize,
    }

    impl Body for Trickle {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            ready!(self.every.poll_tick(context));
            if self.left == 0 {
                return Poll::Ready(None);
            }
            self.left -= 1;
            Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![0; self.bytes])))))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_is_held_to_its_pace_and_length() {
        for (row, seconds, bytes, frames, max, expected) in [
            ("at once", 1, 1000, 1, 1000, Ok(1000)),
            ("slowly, within the grace", 2, 1, 4, 1000, Ok(4)),
            ("a byte each second, for ever", 1, 1, 100, 1000, Err(Fault::SLOW)),
            ("fast enough, for long", 1, 9000, 60, 1 << 20, Ok(540_000)),
            ("one byte too many", 1, 1001, 1, 1000, Err(Fault::TOO_LONG)),
            ("silence", 60, 1, 1, 1000, Err(Fault::SLOW)),
        ] {
            let mut every = tokio::time::interval(Duration::from_secs(seconds));
            every.tick().await;
            let (body, state) = paced(Trickle { every, bytes, left: frames }, max);
            let read = body.collect().await.map(|body| body.to_bytes().len());
            match expected {
                Ok(length) => assert_eq!(read.ok(), Some(length), "{row}"),
                Err(fault) => {
                    assert!(read.is_err(), "{row}");
                    assert_eq!(state.fault(), Some(fault), "{row}");
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn much_at_once_does_not_buy_silence() {
        for (seconds, taken) in [(29, true), (31, false)] {
            // The first bytes come at once.
            let every = tokio::time::interval(Duration::from_secs(seconds));
            let (body, state) = paced(Trickle { every, bytes: 1 << 20, left: 3 }, 4 << 20);
            assert_eq!(body.collect().await.is_ok(), taken, "{seconds} s");
            assert_eq!(state.fault(), (!taken).then_some(Fault::SLOW));
        }
    }
}
