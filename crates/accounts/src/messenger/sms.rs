//! SMS, by the webhook of a gateway: `POST` of `{"to", "text"}` in JSON, with a bearer token.
//!
//! The address is the operator's, and is held to `https`, a name, and public addresses; nothing is followed elsewhere, so
//! that a gateway gives no way into the network of the server (security.md row 59, bad inputs URL-57 and URL-58).

use super::{Message, Messenger, SendError, To, check};
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// A gateway.
#[derive(Clone)]
pub struct SmsConfig {
    /// Where messages are posted.
    pub url: String,
    /// Its bearer token.
    pub token: String,
}

/// SMS.
pub struct Sms {
    client: Client,
    url: Url,
    token: String,
}

/// Longest wait for a gateway.
const TIMEOUT: Duration = Duration::from_secs(5);

impl Sms {
    /// A gateway to send by.
    ///
    /// # Errors
    /// The address is not `https`, names an address instead of a host, or TLS cannot be set up; in one line.
    pub fn new(config: &SmsConfig) -> Result<Self, String> {
        let url = address(&config.url)?;
        // The process may have chosen its provider already: it is the same one.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = Client::builder()
            .https_only(true)
            .redirect(Policy::none())
            .no_proxy()
            .timeout(TIMEOUT)
            .dns_resolver(PublicOnly)
            .build()
            .map_err(|error| format!("`sms.url`: {error}"))?;
        Ok(Sms { client, url, token: config.token.clone() })
    }
}

/// Reads the address of a gateway.
///
/// # Errors
/// As [`Sms::new`].
pub(crate) fn address(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|_| "`sms.url` is not an address".to_owned())?;
    let named = url.domain().is_some_and(|host| host.contains('.') && !host.ends_with(".localhost"));
    if url.scheme() != "https" || !named || !url.username().is_empty() || url.password().is_some() {
        return Err("`sms.url` must be https, with the name of a public host".to_owned());
    }
    Ok(url)
}

/// Names lead to public addresses only: what is inside the network is not there.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("the name has no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// True for an address of the public network.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let reserved = a == 0 || a >= 224 || (a == 198 && (b == 18 || b == 19)) || (a == 192 && b == 0);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_documentation()
                || v4 == Ipv4Addr::BROADCAST
                || shared
                || reserved)
        }
        IpAddr::V6(v6) => {
            let first = v6.segments()[0];
            // 2000::/3 is what is given to the public; documentation and the mappings of IPv4 are not of it.
            first & 0xe000 == 0x2000
                && first != 0x2002
                && !(first == 0x2001 && v6.segments()[1] < 0x200)
                && !(first == 0x2001 && v6.segments()[1] == 0xdb8)
                && v6 != Ipv6Addr::UNSPECIFIED
        }
    }
}

impl Messenger for Sms {
    fn send(&self, message: Message) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move {
            check(&message)?;
            let To::Sms(number) = &message.to else { return Err(SendError::NoWay(message.to.kind())) };
            let body = serde_json::json!({ "to": number, "text": message.text }).to_string();
            let sent = self
                .client
                .post(self.url.clone())
                .bearer_auth(&self.token)
                .header("content-type", "application/json")
                .body(body)
                .send()
                .await;
            match sent {
                Ok(answer) if answer.status().is_success() => Ok(()),
                Ok(answer) => Err(SendError::Refused(answer.status().as_u16().to_string())),
                Err(_) => Err(SendError::Refused("the gateway does not answer".to_owned())),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bad input URL-57.
    #[test]
    fn a_gateway_is_a_public_host_by_https() {
        for (text, taken) in [
            ("https://sms.example.org/send", true),
            ("http://sms.example.org/send", false),
            ("https://127.0.0.1:5432", false),
            ("https://[::1]/", false),
            ("https://0x7f000001/", false),
            ("https://2130706433/", false),
            ("https://localhost/", false),
            ("https://sms.localhost/", false),
            ("https://user:secret@sms.example.org/", false),
            ("file:///etc/passwd", false),
            ("nothing", false),
        ] {
            assert_eq!(address(text).is_ok(), taken, "{text}");
        }
        assert!(Sms::new(&SmsConfig { url: "https://sms.example.org/".into(), token: "t".into() }).is_ok());
    }

    #[test]
    fn a_name_does_not_lead_inside() {
        for (text, public) in [
            ("9.9.9.9", true),
            ("2620:fe::fe", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("0.0.0.0", false),
            ("224.0.0.1", false),
            ("::1", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("::ffff:10.0.0.1", false),
            ("64:ff9b::a00:1", false),
            ("2002:a00:1::", false),
        ] {
            assert_eq!(is_public(text.parse().unwrap()), public, "{text}");
        }
    }
}
