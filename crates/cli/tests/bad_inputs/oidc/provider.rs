//! A provider of OpenID Connect that answers what a row wants: all of it right, but for what the row spoils.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds since 1970.
pub fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

pub fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Who signs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// The key that is published.
    Current,
    /// Another one.
    Other,
    /// Zeros.
    Zeros,
    /// HMAC with the public key.
    PublicKeyAsSecret,
    /// None.
    Nobody,
}

/// How a token is finished once it is signed.
pub type Finish = fn(String) -> String;

/// From the answer that would have been right: status, media type, body.
pub type Spoiled = fn(String) -> (u16, &'static str, Vec<u8>);

/// What the provider does next.
#[derive(Clone)]
pub struct Plan {
    pub client: String,
    pub nonce: String,
    pub header: fn(&mut Value),
    pub claims: fn(&mut Value),
    pub signer: Signer,
    pub finish: Finish,
    /// The claims as text, instead of the object.
    pub raw_claims: Option<fn(&Value) -> String>,
    /// The whole token answer: status, type, body.
    pub token: Option<Spoiled>,
    pub token_delay: Duration,
    pub user_info: Value,
    pub user_info_signer: Option<Signer>,
}

impl Plan {
    pub fn new() -> Self {
        Plan {
            client: "psc".to_owned(),
            nonce: String::new(),
            header: |_| {},
            claims: |_| {},
            signer: Signer::Current,
            finish: |token| token,
            raw_claims: None,
            token: None,
            token_delay: Duration::ZERO,
            user_info: doctor(),
            user_info_signer: None,
        }
    }
}

/// UserInfo of a general practitioner whom the directory knows.
pub fn doctor() -> Value {
    json!({
        "sub": "user-1", "SubjectNameID": "899900900012", "family_name": "MARTIN", "given_name": "Paul",
        "SubjectRefPro": { "exercices": [{
            "codeProfession": "10", "codeCategorieProfessionnelle": "C", "codeSavoirFaire": "SM26",
            "activities": [{
                "numeroFinessSite": "229990018", "raisonSocialeSite": "Cabinet du Port",
                "codeSecteurDactivite": "SA07",
            }],
        }]},
    })
}

/// The provider, on a port of its own until the process ends.
pub struct Hostile {
    pub issuer: String,
    pub plan: Arc<Mutex<Plan>>,
    pub key_requests: Arc<Mutex<u32>>,
    keys: Arc<Keys>,
}

struct Keys {
    current: EcdsaKeyPair,
    other: EcdsaKeyPair,
}

impl Hostile {
    pub fn start() -> Hostile {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let plan = Arc::new(Mutex::new(Plan::new()));
        let key_requests = Arc::new(Mutex::new(0));
        let key = || EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let keys = Arc::new(Keys { current: key(), other: key() });
        let told = (issuer.clone(), Arc::clone(&plan), Arc::clone(&key_requests));
        let hostile = Hostile { issuer, plan, key_requests, keys: Arc::clone(&keys) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (told, keys) = (told.clone(), Arc::clone(&keys));
                std::thread::spawn(move || answer(stream, &told.0, &told.1, &told.2, &keys));
            }
        });
        hostile
    }

    /// Claims signed by the published key.
    pub fn signed(&self, claims: &Value) -> String {
        sign(&json!({ "alg": "ES256", "kid": "current" }), &part(claims), Signer::Current, &self.keys)
    }

    /// The published keys.
    pub fn jwks(&self) -> Value {
        jwks(&self.keys)
    }
}

fn answer(mut stream: TcpStream, issuer: &str, plan: &Mutex<Plan>, keys_asked: &Mutex<u32>, keys: &Keys) {
    let request = read(&mut stream);
    let path = request.split(' ').nth(1).unwrap_or_default();
    let plan = plan.lock().unwrap().clone();
    let json = "application/json";
    let (status, media, body) = match path {
        "/.well-known/openid-configuration" => (200, json, discovery(issuer).to_string().into_bytes()),
        "/jwks" => {
            *keys_asked.lock().unwrap() += 1;
            (200, json, jwks(keys).to_string().into_bytes())
        }
        "/token" => {
            std::thread::sleep(plan.token_delay);
            let token = identity_token(&plan, issuer, keys);
            match plan.token {
                Some(spoilt) => spoilt(token),
                None => (200, json, token_answer(&token).to_string().into_bytes()),
            }
        }
        "/userinfo" => match plan.user_info_signer {
            None => (200, json, plan.user_info.to_string().into_bytes()),
            Some(signer) => {
                let mut claims = plan.user_info.clone();
                claims["iss"] = issuer.into();
                claims["aud"] = plan.client.clone().into();
                let token = sign(&json!({ "alg": "ES256", "kid": "current" }), &part(&claims), signer, keys);
                (200, "application/jwt", token.into_bytes())
            }
        },
        _ => (404, json, b"{}".to_vec()),
    };
    let location = if status == 302 { format!("Location: {issuer}/elsewhere\r\n") } else { String::new() };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n{location}Connection: close\r\n\r\n"
    );
    // Who asked may have left: that is what some rows are about.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 8192];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
            });
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return text,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
        }
    }
}

fn discovery(issuer: &str) -> Value {
    json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"), "response_types_supported": ["code"],
        "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

fn jwks(keys: &Keys) -> Value {
    let point = keys.current.public_key().as_ref();
    json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "kid": "current",
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..]),
    }]})
}

pub fn token_answer(token: &str) -> Value {
    json!({ "access_token": "a", "token_type": "Bearer", "id_token": token })
}

fn identity_token(plan: &Plan, issuer: &str, keys: &Keys) -> String {
    let now = now();
    let mut header = json!({ "alg": "ES256", "kid": "current" });
    let mut claims = json!({
        "iss": issuer, "aud": plan.client, "sub": "user-1", "nonce": plan.nonce, "iat": now, "exp": now + 300,
        "auth_time": now, "acr": "eidas2",
    });
    if let Some(subject) = plan.user_info.get("sub") {
        claims["sub"] = subject.clone();
    }
    (plan.header)(&mut header);
    (plan.claims)(&mut claims);
    let payload = match plan.raw_claims {
        Some(text) => URL_SAFE_NO_PAD.encode(text(&claims)),
        None => part(&claims),
    };
    (plan.finish)(sign(&header, &payload, plan.signer, keys))
}

fn sign(header: &Value, payload: &str, signer: Signer, keys: &Keys) -> String {
    let message = format!("{}.{payload}", part(header));
    let by =
        |key: &EcdsaKeyPair| key.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec();
    let signature = match signer {
        Signer::Current => by(&keys.current),
        Signer::Other => by(&keys.other),
        Signer::Zeros => vec![0; 64],
        Signer::Nobody => Vec::new(),
        Signer::PublicKeyAsSecret => {
            let secret =
                aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, keys.current.public_key().as_ref());
            aws_lc_rs::hmac::sign(&secret, message.as_bytes()).as_ref().to_vec()
        }
    };
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
