//! Accounts of people.
