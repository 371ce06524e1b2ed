//! Devices that an account knows: a random cookie, of which a digest is kept, and a name for people.

use crate::secrets;

/// Cookie of a device: what a browser sends and is given.
const COOKIE_LENGTH: usize = 32;

/// The identifier of a device that came with a request, when it is one of ours.
pub(crate) fn known(cookie: Option<&str>) -> Option<&str> {
    cookie.filter(|text| {
        text.len() == COOKIE_LENGTH && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

/// A new identifier.
pub(crate) fn fresh() -> String {
    secrets::token()
}

/// `Firefox, Windows`: enough for its owner to know it again, too little to follow anybody.
pub(crate) fn family(user_agent: &str) -> String {
    let browser = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let system = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("CrOS", "Chromebook"),
        ("Linux", "Linux"),
    ];
    let of = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    match (of(&browser), of(&system)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Appareil inconnu".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_has_the_name_of_its_browser_and_system() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox, Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari, iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile \
                 Safari/537.36",
                "Chrome, Android",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 \
                 Safari/537.36 Edg/140.0.0.0",
                "Edge, Windows",
            ),
            ("<script>alert(1)</script>", "Appareil inconnu"),
            ("", "Appareil inconnu"),
        ] {
            assert_eq!(family(agent), name, "{agent}");
        }
    }

    #[test]
    fn a_cookie_that_is_not_ours_is_no_device() {
        let ours = fresh();
        assert_eq!(known(Some(&ours)), Some(ours.as_str()));
        for other in ["", "0", &ours.to_uppercase()[..31], &format!("{ours}0"), &"g".repeat(32)] {
            assert_eq!(known(Some(other)), None, "{other}");
        }
    }
}
