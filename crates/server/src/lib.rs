//! The server: configuration, identity, HTTP wiring. The only library that knows every face.

mod accounts;
pub mod config;
pub mod demo;
pub mod demo_server;
pub mod explain;
pub mod export;
mod files;
pub mod http;
pub mod identity;
pub mod logging;
pub mod open;
pub mod people;
mod routes;
mod services;
pub mod sessions;
mod sign_in;
pub mod tokens;
pub mod who;
