//! Pages of signing in, which the server answers: choosing a provider, several structures, confirming, what went wrong.

pub(crate) mod step_up;
