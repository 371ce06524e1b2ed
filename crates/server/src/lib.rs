//! The server: configuration, identity, HTTP wiring. The only library that knows every face.

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
pub mod tokens;
pub mod who;
