//! A server that takes people from the hostile provider, and a browser that goes through it.

use super::provider::{Hostile, Plan};
use crate::common::lot::ALICE;
use crate::common::{Answer, Browser, DMP, Demo, fresh_directory};
use serde_json::{Value, json};
use std::process::Command;

/// The server and its provider.
pub struct Relying {
    pub server: Demo,
    pub hostile: Hostile,
}

/// Somebody at the provider.
pub struct Away {
    pub browser: Browser,
    pub state: String,
    pub nonce: String,
    pub address: String,
}

impl Relying {
    /// A deployment with three clients of one provider; the directory knows one doctor in one structure.
    pub fn start() -> Relying {
        let hostile = Hostile::start();
        let dir = fresh_directory();
        let data = dir.join("data");
        let init = Command::new(DMP).arg("init").arg(&data).output().unwrap();
        assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
        std::fs::write(
            data.join("structures"),
            "structure 1229990018\nstructure 1229990026\nperson 899900900012 1229990018\n",
        )
        .unwrap();
        let client = |key: &str, kind: &str, more: &str| {
            format!(
                "{{key = \"{key}\", label = \"{key}\", kind = \"{kind}\", issuer = \"{}\", client_id = \"{key}\", \
                 acr = [\"eidas2\"], algorithms = [\"ES256\"]{more}}}",
                hostile.issuer
            )
        };
        let providers = [
            client("psc", "pro-sante-connect", ""),
            client("fc", "france-connect", ""),
            client("autre", "other", ", actors = [\"pilot\"]"),
        ];
        // The same key signs bearer tokens, of patients only.
        std::fs::write(data.join("jwks.json"), hostile.jwks().to_string()).unwrap();
        let issuer = "[{url = \"https://jetons\", audience = \"dmp\", algorithms = [\"ES256\"], keys = \"jwks.json\", \
                      actors = [\"patient\"]}]";
        let mut serve = Command::new(DMP);
        serve
            .args(["serve", "--config"])
            .arg(data.join("dmp.toml"))
            .env("DMP_HTTP_LISTEN", "127.0.0.1:0")
            .env("DMP_XDS_STRUCTURES", "structures")
            .env("DMP_IDENTITY_ISSUERS", issuer)
            .env("DMP_IDENTITY_PROVIDERS", format!("[{}]", providers.join(", ")));
        let server = Demo::spawn(serve, dir);
        ALICE.open(&server, &server.token(&["--loader"]));
        Relying { server, hostile }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.server.authority)
    }

    /// Somebody who left by that client.
    pub fn leave(&self, mut browser: Browser, client: &str, more: &str) -> Away {
        let answer = browser.get(&format!("/connexion/depart/{client}{more}"));
        let address = answer.header("location").unwrap_or_else(|| panic!("{}", answer.brief())).to_owned();
        let parameter = |name: &str| {
            let from =
                address.split(&format!("{name}=")).nth(1).unwrap_or_else(|| panic!("{name}: {address}"));
            from.split('&').next().unwrap().to_owned()
        };
        Away { browser, state: parameter("state"), nonce: parameter("nonce"), address }
    }

    /// Prepares the provider for somebody who is there.
    pub fn plan(&self, away: &Away, client: &str, plan: Plan) {
        *self.hostile.plan.lock().unwrap() =
            Plan { nonce: away.nonce.clone(), client: client.to_owned(), ..plan };
    }

    /// The address of a callback that is as it should be.
    pub fn callback(&self, away: &Away) -> String {
        format!("/connexion/retour?state={}&code=c&iss={}", away.state, escaped(&self.hostile.issuer))
    }

    /// A sign-in by that client, its provider doing that.
    pub fn sign_in(&self, client: &str, plan: Plan) -> (Answer, Browser) {
        let mut away = self.leave(self.browser(), client, "");
        self.plan(&away, client, plan);
        let answer = away.browser.get(&self.callback(&away));
        (answer, away.browser)
    }

    /// GET with a bearer token of these claims, more or other than those of Alice.
    pub fn bearer(&self, path: &str, more: Value) -> Answer {
        let now = super::provider::now();
        let mut claims = json!({
            "iss": "https://jetons", "aud": "dmp", "sub": "x", "iat": now, "exp": now + 300,
            "dmp_actor": { "kind": "patient", "ins": ALICE.ins, "oid": "1.2.250.1.213.1.4.10" },
        });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.server.get(path, &self.hostile.signed(&claims))
    }
}

/// A value of a query.
pub fn escaped(text: &str) -> String {
    text.replace(':', "%3A").replace('/', "%2F")
}

/// UserInfo of FranceConnect about Alice, as that account.
pub fn alice(subject: &str, birth_date: &str) -> Value {
    json!({
        "sub": subject, "family_name": ALICE.family, "given_name": ALICE.given, "gender": "female",
        "birthdate": birth_date, "birthplace": "", "birthcountry": "99351",
    })
}
