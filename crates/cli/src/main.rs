//! The `dmp` command (being written).
fn main() {}
