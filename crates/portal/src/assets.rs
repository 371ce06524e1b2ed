//! Style sheets, script and icon: compiled in, named by their content, kept by browsers for a year.

use aws_lc_rs::digest;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use std::fmt::Write as _;
use std::sync::LazyLock;

struct Asset {
    /// As the templates know it: name, and the address with the digest.
    address: String,
    content_type: &'static str,
    bytes: &'static [u8],
}

/// Addresses for the templates.
pub(crate) struct Addresses {
    pub(crate) page_css: &'static str,
    pub(crate) reading_css: &'static str,
    pub(crate) script: &'static str,
    pub(crate) icon: &'static str,
}

/// One style sheet and one script: the tokens and the parts shared by all, then each area of the pages.
const PAGE_CSS: &str = concat!(
    include_str!("../assets/page.css"),
    include_str!("../assets/patient.css"),
    include_str!("../assets/rights.css"),
    include_str!("../assets/health.css"),
    include_str!("../assets/professional.css"),
    include_str!("../assets/desk.css"),
    include_str!("../assets/referent.css"),
    include_str!("../assets/sign_in.css"),
    include_str!("../assets/account.css"),
    include_str!("../assets/everywhere.css"),
);
const PAGE_JS: &str = concat!(
    include_str!("../assets/page.js"),
    include_str!("../assets/patient.js"),
    include_str!("../assets/professional.js"),
    include_str!("../assets/desk.js"),
    include_str!("../assets/account.js"),
    include_str!("../assets/everywhere.js"),
);

static ASSETS: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    [
        asset("page", "css", "text/css; charset=utf-8", PAGE_CSS.as_bytes()),
        asset("lecture", "css", "text/css; charset=utf-8", include_bytes!("../assets/lecture.css")),
        asset("page", "js", "text/javascript; charset=utf-8", PAGE_JS.as_bytes()),
        asset("icone", "svg", "image/svg+xml", include_bytes!("../assets/icone.svg")),
    ]
});

pub(crate) static ADDRESSES: LazyLock<Addresses> = LazyLock::new(|| {
    let [page_css, reading_css, script, icon] = &*ASSETS;
    Addresses {
        page_css: &page_css.address,
        reading_css: &reading_css.address,
        script: &script.address,
        icon: &icon.address,
    }
});

fn asset(name: &str, extension: &str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let digest = digest::digest(&digest::SHA256, bytes);
    let mut address = format!("/assets/{name}.");
    for byte in &digest.as_ref()[..8] {
        let _ = write!(address, "{byte:02x}");
    }
    let _ = write!(address, ".{extension}");
    Asset { address, content_type, bytes }
}

/// `GET /assets/{file}`: another digest than today's is another file, which is not here.
pub(crate) async fn serve(Path(file): Path<String>) -> Response<Body> {
    let wanted = |a: &&Asset| a.address.strip_prefix("/assets/") == Some(&file);
    let Some(asset) = ASSETS.iter().find(wanted) else {
        let mut missing = Response::new(Body::empty());
        *missing.status_mut() = StatusCode::NOT_FOUND;
        return missing;
    };
    let mut response = Response::new(Body::from(asset.bytes));
    let headers = response.headers_mut();
    let value = HeaderValue::from_static;
    headers.insert(header::CONTENT_TYPE, value(asset.content_type));
    headers.insert(header::CACHE_CONTROL, value("public, max-age=31536000, immutable"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, value("nosniff"));
    // The frame that shows a document has an origin of its own, and reads its style sheet from here.
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), value("cross-origin"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_carry_the_digest_of_the_content() {
        let address = ADDRESSES.page_css;
        let digest = address.strip_prefix("/assets/page.").and_then(|a| a.strip_suffix(".css")).unwrap();
        assert_eq!(digest.len(), 16);
        assert_ne!(ADDRESSES.page_css, ADDRESSES.reading_css);
    }

    /// ux.md 3.16: at most 20 kB of style sheet once compressed; a CSS compresses at least three times.
    #[test]
    fn the_style_sheet_stays_small() {
        assert!(PAGE_CSS.len() < 60_000);
    }

    #[test]
    fn nothing_is_asked_of_another_site() {
        for asset in ASSETS.iter() {
            let text = std::str::from_utf8(asset.bytes).unwrap().replace("http://www.w3.org/2000/svg", "");
            assert!(
                !text.contains("http:") && !text.contains("https:") && !text.contains("@import"),
                "{}",
                asset.address
            );
        }
    }
}
