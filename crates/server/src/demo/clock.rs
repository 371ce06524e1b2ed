//! The clock of a story: each dossier's story lives in its own time while many are told at once.
//!
//! The store asks an [`Ambient`] for the time; while a story is told ([`StoryClock::story`]) the answer is the time
//! that story has reached, kept with the task that tells it. Everywhere else it is the time outside. What the store
//! does in a task of its own (writing, fsync) asks for no time.

use dmp_dossier::Time;
use dmp_store::Ambient;
use std::cell::Cell;
use std::future::Future;
use std::sync::Arc;
use uuid::Uuid;

tokio::task_local! {
    static REACHED: Cell<Time>;
}

/// A clock that stories move.
#[derive(Clone)]
pub struct StoryClock {
    outside: Arc<dyn Ambient>,
}

impl StoryClock {
    /// A clock that shows that other one's time where no story is told, and gives its identifiers everywhere.
    pub fn around(outside: Arc<dyn Ambient>) -> Self {
        StoryClock { outside }
    }

    /// Tells a story: inside, time stands still until it is set.
    pub async fn story<F: Future>(&self, begins: Time, told: F) -> F::Output {
        REACHED.scope(Cell::new(begins), told).await
    }

    /// Moves the story being told to that time. Outside of a story, nothing happens.
    pub fn set(&self, now: Time) {
        // Outside of a story there is no time to move.
        let _ = REACHED.try_with(|reached| reached.set(now));
    }
}

impl Ambient for StoryClock {
    fn now(&self) -> Time {
        REACHED.try_with(Cell::get).unwrap_or_else(|_| self.outside.now())
    }

    fn fresh(&self) -> Uuid {
        self.outside.fresh()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Noon;

    impl Ambient for Noon {
        fn now(&self) -> Time {
            Time::from_millis(12)
        }

        fn fresh(&self) -> Uuid {
            Uuid::nil()
        }
    }

    #[tokio::test]
    async fn each_story_has_its_own_time() {
        let clock = StoryClock::around(Arc::new(Noon));
        let tell = |start: i64| {
            let clock = clock.clone();
            async move {
                let mut seen = vec![clock.now().millis()];
                tokio::task::yield_now().await;
                clock.set(Time::from_millis(start + 1));
                tokio::task::yield_now().await;
                seen.push(clock.now().millis());
                seen
            }
        };
        let first = tokio::spawn({
            let (clock, told) = (clock.clone(), tell(100));
            async move { clock.story(Time::from_millis(100), told).await }
        });
        let second = tokio::spawn({
            let (clock, told) = (clock.clone(), tell(200));
            async move { clock.story(Time::from_millis(200), told).await }
        });
        assert_eq!(first.await.unwrap(), [100, 101]);
        assert_eq!(second.await.unwrap(), [200, 201]);
        clock.set(Time::from_millis(5));
        assert_eq!(clock.now().millis(), 12);
    }
}
