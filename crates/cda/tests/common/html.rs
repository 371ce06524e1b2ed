//! A checker of the HTML we produce, written apart from the code that produces it: it reads the markup strictly
//! and knows its own list of what may stand there.

use std::collections::BTreeSet;

/// Elements that may appear, with the attributes each may carry.
const ALLOWED: [(&str, &[&str]); 33] = [
    ("a", &["id", "href"]),
    ("br", &[]),
    ("caption", &["id"]),
    ("del", &["id"]),
    ("div", &["id"]),
    ("em", &[]),
    ("h2", &[]),
    ("h3", &[]),
    ("h4", &[]),
    ("h5", &[]),
    ("h6", &[]),
    ("img", &["src", "alt"]),
    ("ins", &["id"]),
    ("li", &["id"]),
    ("mark", &[]),
    ("ol", &["id"]),
    ("p", &["id"]),
    ("pre", &[]),
    ("section", &[]),
    ("small", &["id"]),
    ("span", &["id"]),
    ("strong", &["id"]),
    ("sub", &["id"]),
    ("sup", &["id"]),
    ("table", &["id"]),
    ("tbody", &["id"]),
    ("td", &["id", "colspan", "rowspan"]),
    ("tfoot", &["id"]),
    ("th", &["id", "colspan", "rowspan", "scope"]),
    ("thead", &["id"]),
    ("tr", &["id"]),
    ("u", &[]),
    ("ul", &["id"]),
];

/// Parents that an element of a table or a list needs.
const PARENTS: [(&str, &[&str]); 7] = [
    ("li", &["ul", "ol"]),
    ("tr", &["table", "thead", "tbody", "tfoot"]),
    ("td", &["tr"]),
    ("th", &["tr"]),
    ("thead", &["table"]),
    ("tbody", &["table"]),
    ("caption", &["table"]),
];

/// The text of the page when the markup keeps every rule, else the first rule broken.
pub fn check(html: &str) -> Result<String, String> {
    let mut text = String::new();
    let mut open: Vec<&str> = Vec::new();
    let (mut ids, mut targets) = (BTreeSet::new(), Vec::new());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        push_text(&mut text, before, &open)?;
        let end = tag.find('>').ok_or("tag without end")?;
        let inside = &tag[1..end];
        rest = &tag[end + 1..];
        if let Some(name) = inside.strip_prefix('/') {
            let last = open.pop().ok_or_else(|| format!("</{name}> closes nothing"))?;
            if last != name {
                return Err(format!("</{name}> closes <{last}>"));
            }
            if !["span", "sub", "sup", "strong", "em", "u", "a", "mark", "ins", "del"].contains(&name) {
                text.push(' ');
            }
            continue;
        }
        let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
        let (_, allowed) = ALLOWED
            .iter()
            .find(|(element, _)| *element == name)
            .ok_or_else(|| format!("<{name}> is not allowed"))?;
        if let Some((_, parents)) = PARENTS.iter().find(|(element, _)| *element == name)
            && !open.last().is_some_and(|parent| parents.contains(parent))
        {
            return Err(format!("<{name}> inside {:?}", open.last()));
        }
        if name == "a" && open.contains(&"a") {
            return Err("<a> inside <a>".to_owned());
        }
        for (attribute, value) in attributes_of(attributes)? {
            if !allowed.contains(&attribute) {
                return Err(format!("{attribute} on <{name}> is not allowed"));
            }
            let plain_id = |id: &str| {
                id.starts_with("cda-") && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            };
            match attribute {
                "id" if !plain_id(value) || !ids.insert(value) => return Err(format!("id `{value}`")),
                "href" => {
                    let target = value.strip_prefix('#').filter(|id| plain_id(id));
                    targets.push(target.ok_or_else(|| format!("href `{value}`"))?);
                }
                "src" => check_image(value)?,
                "colspan" | "rowspan"
                    if !value.parse::<u32>().is_ok_and(|span| (2..=100).contains(&span)) =>
                {
                    return Err(format!("{attribute} `{value}`"));
                }
                "scope" if !["col", "row"].contains(&value) => return Err(format!("scope `{value}`")),
                _ => {}
            }
        }
        if name == "img" && !attributes.contains(" alt=\"") {
            return Err("image without alternative".to_owned());
        }
        if name == "th" && !attributes.contains("scope=\"") {
            return Err("th without scope".to_owned());
        }
        if name != "br" && name != "img" {
            open.push(name);
        } else if name == "br" {
            text.push(' ');
        }
    }
    push_text(&mut text, rest, &open)?;
    if let Some(last) = open.last() {
        return Err(format!("<{last}> is never closed"));
    }
    match targets.into_iter().find(|target| !ids.contains(target)) {
        Some(target) => Err(format!("href `#{target}` leads nowhere")),
        None => Ok(text),
    }
}

fn check_image(value: &str) -> Result<(), String> {
    let (head, data) = value.split_once(";base64,").ok_or("image address is not data")?;
    let starts = match head {
        "data:image/png" => "iVBORw0KGgo",
        "data:image/jpeg" => "/9j/",
        "data:image/gif" => "R0lGODd",
        other => return Err(format!("image of type `{other}`")),
    };
    let is_base64 = data.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
    if is_base64 && data.starts_with(starts) {
        Ok(())
    } else {
        Err("image data are not what they say".to_owned())
    }
}

/// ` name="value"` repeated, nothing else.
fn attributes_of(mut text: &str) -> Result<Vec<(&str, &str)>, String> {
    let mut attributes = Vec::new();
    while !text.is_empty() {
        let (name, after) = text.split_once("=\"").ok_or_else(|| format!("attribute `{text}`"))?;
        let (value, after) = after.split_once('"').ok_or("attribute without end")?;
        if !name.bytes().all(|b| b.is_ascii_lowercase()) || value.contains(['<', '>', '\'']) {
            return Err(format!("attribute `{name}`"));
        }
        attributes.push((name, value));
        text = after.strip_prefix(' ').unwrap_or(after);
    }
    Ok(attributes)
}

fn push_text(text: &mut String, raw: &str, open: &[&str]) -> Result<(), String> {
    if raw.contains('>') {
        return Err("bare > in text".to_owned());
    }
    // No deceptive character reaches the page, marked or not.
    if let Some(bad) = raw.chars().find(|c| dmp_cda::visible::is_deceptive(*c)) {
        return Err(format!("U+{:04X} in text", u32::from(bad)));
    }
    for (index, part) in raw.split('&').enumerate() {
        if index == 0 {
            text.push_str(part);
            continue;
        }
        let (entity, after) = part.split_once(';').ok_or("bare & in text")?;
        text.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            other => return Err(format!("entity `{other}`")),
        });
        text.push_str(after);
    }
    let holds_rows =
        open.last().is_some_and(|name| ["table", "thead", "tbody", "tfoot", "tr", "ul", "ol"].contains(name));
    if holds_rows && !raw.trim().is_empty() {
        return Err(format!("text directly inside {:?}", open.last()));
    }
    Ok(())
}
