//! Rows URL-39 to URL-41 and URL-48 to URL-56: sessions and forms of the pages.

use crate::case::{Case, Check, World, case, never_says, status};
use crate::common::{Answer, Browser, Request};

const FORM: &str = "application/x-www-form-urlencoded";

/// A form posted from one of our pages.
fn post(w: &World, path: &str, cookie: &str, form: &str) -> Answer {
    w.demo.send(&own_form(w, path, cookie, form))
}

fn own_form(w: &World, path: &str, cookie: &str, form: &str) -> Request {
    let request = Request::new("POST", path).body(FORM, form).header("Origin", &origin(w));
    if cookie.is_empty() { request } else { request.header("Cookie", cookie) }
}

fn origin(w: &World) -> String {
    format!("http://{}", w.demo.authority)
}

/// A session that was closed by its owner.
fn signed_out(w: &World) -> String {
    let cookie = w.demo.sign_in("marie");
    let home = w.demo.send(&Request::get("/aide").header("Cookie", &cookie)).text();
    let csrf = home
        .split("name=\"csrf\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default();
    let out = post(w, "/deconnexion", &cookie, &format!("csrf={csrf}"));
    assert_eq!(out.status, 303, "sign out: {}", out.brief());
    cookie
}

fn page(w: &World, path: &str, cookie: &str) -> Answer {
    w.demo.send(&Request::get(path).header("Cookie", cookie))
}

fn clears_the_cookie() -> Check {
    Box::new(|_, answer| match answer.header("set-cookie") {
        Some(cookie) if cookie.contains("Max-Age=0") => Ok(()),
        other => Err(format!("the cookie cleared expected, got {other:?}")),
    })
}

pub fn cases() -> Vec<Case> {
    vec![
        case(
            "URL-39",
            |w| page(w, "/", &format!("{}; {}", w.marie.cookie, w.demo.sign_in("dr-martin"))),
            status(401),
        )
        .and(clears_the_cookie()),
        case("URL-40", |w| page(w, "/", &signed_out(w)), status(401)),
        case(
            "URL-41",
            |w| {
                // Planted in the browser of somebody who then signs in.
                let planted = w.demo.sign_in("marie");
                let mut browser = Browser::new(&w.demo.authority).with(&planted);
                let chosen = browser.post("/demo/persona", "persona=dr-martin");
                browser.follow(chosen);
                assert_ne!(browser.session(), Some(planted.clone()), "a new identifier");
                page(w, "/", &planted)
            },
            status(401),
        ),
        case("URL-48", |w| post(w, "/deconnexion", &w.marie.cookie, ""), status(403)).variant("no token"),
        case("URL-48", |w| post(w, "/deconnexion", &w.marie.cookie, "csrf=x"), status(403))
            .variant("wrong token"),
        case(
            "URL-48",
            |w| post(w, "/dossier", &w.demo.sign_in("dr-martin"), "ins=284073523811416"),
            status(403),
        )
        .variant("no token, form of a page"),
        case("URL-49", |w| foreign_form(w, "null"), status(403)).variant("null"),
        case("URL-49", |w| foreign_form(w, "https://attacker.example"), status(403)).variant("other site"),
        case(
            "URL-50",
            |w| {
                let request =
                    Request::new("POST", "/demo/persona").body("application/json", r#"{"persona":"marie"}"#);
                w.demo.send(&request.header("Origin", &origin(w)))
            },
            status(415),
        ),
        case(
            "URL-54",
            |w| {
                let doctor = w.demo.sign_in("secretaire-blanc");
                let published = w.publish(&w.marie.synthese(w.number()));
                let id = published.published_id();
                page(w, &format!("{}/document/{id}", w.marie.dossier), &doctor)
            },
            status(404),
        )
        .and(Box::new(|w, answer| {
            let cookie = w.demo.sign_in("secretaire-blanc");
            let nowhere = "/dossier/AAAAAAAAAAAA/document/00000000-0000-4000-8000-0000000000ff";
            let absent = page(w, nowhere, &cookie);
            match (absent.status, absent.without_csrf()) == (answer.status, answer.without_csrf()) {
                true => Ok(()),
                false => Err(format!("differs from absent: {}", absent.brief())),
            }
        })),
        case("URL-55", |w| page(w, &format!("{}/acces", w.marie.dossier), &signed_out(w)), status(401)).and(
            Box::new(|_, answer| match answer.header("cache-control") {
                Some("no-store") => Ok(()),
                other => Err(format!("no-store expected, got {other:?}")),
            }),
        ),
        case(
            "URL-56",
            |w| post(w, "/demo/persona?next=https://attacker.example", "", "persona=marie"),
            status(303),
        )
        .and(never_says("attacker")),
    ]
}

fn foreign_form(w: &World, origin: &str) -> Answer {
    let form = Request::new("POST", "/demo/persona").body(FORM, "persona=marie").header("Origin", origin);
    w.demo.send(&form)
}
