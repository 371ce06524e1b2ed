//! Each bound of `Limits` at its value (read) and one above (refused), and the encodings.

use dmp_xml::{LimitKind, Limits, XmlError, parse};

fn nested(depth: usize) -> String {
    format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth))
}

fn attributes(count: usize) -> String {
    let list: Vec<String> = (0..count).map(|n| format!("a{n}=''")).collect();
    format!("<a {}/>", list.join(" "))
}

fn namespaces(count: usize) -> String {
    let list: Vec<String> = (0..count).map(|n| format!("xmlns:n{n}='urn:{n}'")).collect();
    format!("<a {}/>", list.join(" "))
}

/// `count` nested elements with two declarations each.
fn namespaces_in_scope(count: usize) -> String {
    let open: String =
        (0..count).map(|n| format!("<a xmlns:b{n}='urn:b{n}' xmlns:c{n}='urn:c{n}'>")).collect();
    format!("{open}{}", "</a>".repeat(count))
}

fn limit_of(input: &str, limits: &Limits) -> Option<LimitKind> {
    match parse(input.as_bytes(), limits) {
        Ok(_) => None,
        Err(XmlError::Limit { kind, .. }) => Some(kind),
        Err(other) => panic!("{other}: {}", &input[..input.len().min(200)]),
    }
}

#[test]
fn each_limit_holds_at_its_value_and_refuses_one_more() {
    let limits = Limits::hl7v3();
    type Make = fn(usize) -> String;
    let rows: [(&str, usize, LimitKind, Make); 12] = [
        ("depth", 64, LimitKind::Depth, nested),
        ("attributes", 64, LimitKind::Attributes, attributes),
        ("xmlns", 32, LimitKind::Namespaces, namespaces),
        ("xmlns in scope", 32, LimitKind::Namespaces, namespaces_in_scope),
        ("element name", 256, LimitKind::Name, |n| format!("<{}/>", "n".repeat(n))),
        ("attribute name", 256, LimitKind::Name, |n| format!("<a {}=''/>", "n".repeat(n))),
        ("attribute value", 65_536, LimitKind::AttributeValue, |n| format!("<a b='{}'/>", "v".repeat(n))),
        ("text", 1_048_576, LimitKind::Text, |n| format!("<a>{}</a>", "t".repeat(n))),
        ("text split by a comment", 1_048_576, LimitKind::Text, |n| {
            format!("<a>{}<!-- -->t</a>", "t".repeat(n - 1))
        }),
        ("text in CDATA", 1_048_576, LimitKind::Text, |n| {
            format!("<a><![CDATA[{}]]></a>", "t".repeat(n - 12))
        }),
        ("text of a B64 child", 1_048_576, LimitKind::Text, |n| {
            format!("<a representation='B64'><b>{}</b></a>", "t".repeat(n))
        }),
        ("elements", 1_000_000, LimitKind::Elements, |n| format!("<a>{}</a>", "<b/>".repeat(n - 1))),
    ];
    for (name, max, kind, make) in rows {
        assert_eq!(limit_of(&make(max), &limits), None, "{name} at {max}");
        assert_eq!(limit_of(&make(max + 1), &limits), Some(kind), "{name} at {}", max + 1);
    }
}

#[test]
fn declared_base64_may_be_longer_than_text() {
    let long = "QUJD".repeat(300_000);
    let marked = format!("<a><b representation=\"B64\">{long}</b></a>");
    assert_eq!(limit_of(&marked, &Limits::hl7v3()), None);
    assert_eq!(
        limit_of(&marked, &Limits::default()),
        Some(LimitKind::Text),
        "without a marker all text is text"
    );
    let bounded = Limits { base64_bytes_max: 1_000_000, ..Limits::hl7v3() };
    assert_eq!(limit_of(&marked, &bounded), Some(LimitKind::Text));
}

#[test]
fn an_element_may_be_base64_by_its_name() {
    let limits = Limits { base64_element: Some("Document"), ..Limits::default() };
    let long = "QUJD".repeat(300_000);
    for (name, expected) in [
        ("Document", None),
        ("x:Document", None),
        ("Documents", Some(LimitKind::Text)),
        ("x", Some(LimitKind::Text)),
    ] {
        let message = format!("<a xmlns:x='urn:x'><{name}>{long}</{name}></a>");
        assert_eq!(limit_of(&message, &limits), expected, "{name}");
    }
}

#[test]
fn what_is_no_base64_may_be_bounded_as_a_whole() {
    let limits = Limits { base64_element: Some("d"), markup_bytes_max: 30, ..Limits::default() };
    let rows = [
        ("<a><d>QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD</d></a>", None),
        ("<a><d><![CDATA[QUJDQUJDQUJDQUJDQUJDQUJD]]></d></a>", None),
        ("<a><b>xxxxxxxxxxxxxxxx</b></a>", None),
        ("<a><b>xxxxxxxxxxxxxxxxx</b></a>", Some(LimitKind::Markup)),
        ("<a><!-- xxxxxxxxxxxxxxxxxx --></a>", Some(LimitKind::Markup)),
        ("<a><b/><b/><b/><b/><b/><b/><b/></a>", Some(LimitKind::Markup)),
    ];
    for (text, expected) in rows {
        assert_eq!(limit_of(text, &limits), expected, "{text}");
    }
}

#[test]
fn instructions_are_refused_where_the_caller_takes_none() {
    let limits = Limits { instructions: false, ..Limits::default() };
    let refused = |text: &str| matches!(parse(text.as_bytes(), &limits), Err(XmlError::Instruction { .. }));
    assert!(!refused("<?xml version='1.0'?><a/>"));
    for text in
        ["<?xml-stylesheet href='x'?><a/>", "<a><?x y?></a>", "<a/><?x?>", "<?xml version='1.0'?><?x?><a/>"]
    {
        assert!(refused(text), "{text}");
        assert!(parse(text.as_bytes(), &Limits::default()).is_ok(), "{text}");
    }
}

#[test]
fn too_many_declarations_are_told_from_too_many_attributes() {
    assert_eq!(limit_of(&namespaces(100_000), &Limits::default()), Some(LimitKind::Namespaces));
}

#[test]
fn namespaces_declared_again_and_again_do_not_fill_memory() {
    // 48 declarations in force, copied by the tree for each of 200,000 elements: refused long before the end.
    let outer: String = (0..24).map(|n| format!(" xmlns:n{n}='urn:{n}'")).collect();
    let inner = "<b xmlns:x='urn:x'/>".repeat(200_000);
    assert_eq!(limit_of(&format!("<a{outer}>{inner}</a>"), &Limits::default()), Some(LimitKind::Namespaces));
}

#[test]
fn very_deep_nesting_is_refused_without_a_tree() {
    assert_eq!(limit_of(&nested(200_000), &Limits::default()), Some(LimitKind::Depth));
}

fn refusal(bytes: &[u8]) -> String {
    parse(bytes, &Limits::default()).expect_err("must be refused").to_string()
}

#[test]
fn only_utf8_is_read() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let mut with_mark = vec![0xff, 0xfe];
    with_mark.extend(utf16("<a/>"));
    for bytes in [with_mark, utf16("<a/>")] {
        let message = refusal(&bytes);
        assert!(message.starts_with("encoded in UTF-16, only UTF-8 is read: convert it"), "{message}");
    }
    let declared = refusal(b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>");
    assert!(declared.starts_with("declared encoding is `ISO-8859-1`"), "{declared}");
    assert_eq!(refusal(b"<a>\n<b>\xc3\x28</b></a>"), "not UTF-8 at line 2 column 4 (byte 7)");
    assert_eq!(refusal(b""), "empty document");
    assert_eq!(refusal(b" \n\t"), "empty document");
    parse(b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?>\n<a/>", &Limits::default())
        .expect("mark and lower case");
}

#[test]
fn a_doctype_is_refused_wherever_it_stands_and_whatever_it_holds() {
    for doctype in [
        "<!DOCTYPE a>",
        "<!doctype a>",
        "<!DOCTYPE a SYSTEM 'http://example.org/a.dtd'>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE lolz [<!ENTITY a '1'><!ENTITY b '&a;&a;'>]>",
    ] {
        for input in [
            format!("{doctype}<a/>"),
            format!("<?xml version='1.0'?>\n{doctype}<a/>"),
            format!("<a>{doctype}</a>"),
        ] {
            let error = parse(input.as_bytes(), &Limits::default()).expect_err(&input);
            assert!(matches!(error, XmlError::Doctype { .. }), "{input}: {error}");
        }
    }
    parse(b"<a><!-- <!DOCTYPE a> --><![CDATA[<!DOCTYPE a>]]></a>", &Limits::default())
        .expect("only text there");
}

#[test]
fn what_is_not_well_formed_is_refused_with_its_place_and_without_its_content() {
    for (input, expected) in [
        ("<a>\n <b></a>", "end tag of another element, line 2 column 5"),
        ("<a>&secret;</a>", "unknown entity, line 1 column 4"),
        ("<a b='1' b='2'/>", "attribute given twice, line 1 column 10"),
        ("<x:a/>", "prefix without namespace, line 1 column 2"),
        ("<a", "tag without end, line 1 column 3"),
        ("<a b/>", "attribute without value, line 1 column 5"),
        ("<a b=1/>", "attribute value without quotes, line 1 column 6"),
        ("<a><!-- ", "comment without end, line 1 column 4"),
        ("<a/></a>", "end tag without start tag, line 1 column 5"),
        ("<a>\u{1}</a>", "character that XML does not allow, line 1 column 4"),
        ("text", "unexpected character, line 1 column 1"),
    ] {
        assert_eq!(refusal(input.as_bytes()), format!("not well-formed: {expected}"), "{input}");
    }
    assert!(!refusal(b"<a>&secret;</a>").contains("secret"));
}
