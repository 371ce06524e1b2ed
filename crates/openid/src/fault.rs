//! What goes wrong, by its name in the catalogue of bad inputs, and the status that goes with it.

/// Why nobody is signed in. Never repeats what came from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No `state`, or one that is not of this browser, or that served already.
    #[error("the state is not one we gave to this browser")]
    State,
    /// A `state` older than ten minutes.
    #[error("the state is older than ten minutes")]
    Late,
    /// The callback is not one of the protocol.
    #[error("the callback is malformed")]
    Request,
    /// The provider refuses the code.
    #[error("the provider refuses the code")]
    Code,
    /// The person went back.
    #[error("the person cancelled")]
    Cancelled,
    /// `iss` of the callback is not that of the provider we sent to.
    #[error("the callback comes from another issuer")]
    CallbackIssuer,
    /// `iss` of a token is not exactly the provider's.
    #[error("the token is of another issuer")]
    Issuer,
    /// The provider answers nothing usable.
    #[error("the provider's answer is not usable: {0}")]
    Provider(&'static str),
    /// The provider answers too slowly.
    #[error("the provider answers too slowly")]
    Slow,
    /// A token that is not to be believed.
    #[error("the token is refused: {0}")]
    Token(&'static str),
    /// A token made for somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// A token that is over.
    #[error("the token has expired")]
    Expired,
    /// A token from the future.
    #[error("the clocks differ")]
    Clock,
    /// The nonce is not ours.
    #[error("the nonce is not ours")]
    Nonce,
    /// The person was authenticated less strongly than asked.
    #[error("the level of authentication is too low")]
    Level,
    /// The person was authenticated too long ago.
    #[error("the authentication is too old")]
    Again,
    /// Token and userinfo speak of two people.
    #[error("the subject changes")]
    Subject,
}

impl Fault {
    /// Its name in the catalogue.
    pub fn code(self) -> &'static str {
        match self {
            Fault::State => "login-state",
            Fault::Late | Fault::Expired => "login-expired",
            Fault::Request => "login-request",
            Fault::Code => "login-code",
            Fault::Cancelled => "login-cancelled",
            Fault::CallbackIssuer | Fault::Issuer => "login-issuer",
            Fault::Provider(_) | Fault::Slow => "login-provider",
            Fault::Token(_) => "login-token",
            Fault::Audience => "login-audience",
            Fault::Clock => "login-clock",
            Fault::Nonce => "login-nonce",
            Fault::Level => "login-level",
            Fault::Again => "login-again",
            Fault::Subject => "login-identity",
        }
    }

    /// HTTP status of its page.
    pub fn status(self) -> u16 {
        match self {
            Fault::Cancelled => 200,
            Fault::State | Fault::Late | Fault::Request | Fault::Code | Fault::CallbackIssuer => 400,
            Fault::Issuer
            | Fault::Token(_)
            | Fault::Audience
            | Fault::Expired
            | Fault::Clock
            | Fault::Nonce
            | Fault::Subject => 401,
            Fault::Level | Fault::Again => 403,
            Fault::Provider(_) => 502,
            Fault::Slow => 504,
        }
    }
}
