//! The contract of a store, on any engine. Numbers are those of the invariants of the security notes (A1, J1, X4…).

pub mod exchange;
pub mod indexes;
pub mod life;
pub mod limits;
pub mod reading;
pub mod register;
pub mod replay;
pub mod rights;
pub mod silence;
pub mod traces;
pub mod watch;
pub mod watching;
pub mod web_access;
pub mod world;

/// Every test of the contract, run on one engine: `contract!(factory);`
#[macro_export]
macro_rules! contract {
    ($factory:expr; $($module:ident: $($test:ident),+;)+) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                contract::$module::$test($factory).await;
            }
        )+)+
    };
}
