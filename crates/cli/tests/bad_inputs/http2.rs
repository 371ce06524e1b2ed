//! Row URL-60: floods over HTTP/2 in clear, with frames written by hand (RFC 9113).

use crate::case::{Case, Check, World, case};
use crate::common::Answer;
use crate::common::http::exchange_frames;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const ENHANCE_YOUR_CALM: u32 = 11;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Header block of `GET /fhir/metadata` (RFC 7541: indexed fields, then literals that are not indexed).
fn get(authority: &str) -> Vec<u8> {
    let path = "/fhir/metadata";
    let literal =
        |index: u8, value: &str| [&[index, u8::try_from(value.len()).unwrap()], value.as_bytes()].concat();
    [vec![0x82, 0x86], literal(0x04, path), literal(0x01, authority)].concat()
}

/// Preface and settings, then those frames; the answer's `status` is the error of the GOAWAY, 0 without one.
fn flood(frames: impl Fn(&[u8]) -> Vec<u8>) -> impl Fn(&World) -> Answer {
    move |w| {
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        bytes.extend(frame(SETTINGS, 0, 0, &[]));
        bytes.extend(frames(&get(&w.demo.authority)));
        exchange_frames(&w.demo.authority, bytes, |kind| kind == GOAWAY)
    }
}

/// The server ends such a connection by saying why.
fn calm() -> Check {
    Box::new(|_, answer| {
        match answer.body.get(4..8).map(|code| u32::from_be_bytes(code.try_into().unwrap())) {
            Some(ENHANCE_YOUR_CALM) => Ok(()),
            other => Err(format!("GOAWAY ENHANCE_YOUR_CALM expected, got {other:?}")),
        }
    })
}

pub fn cases() -> Vec<Case> {
    let resets = |block: &[u8]| {
        (0..1000_u32)
            .map(|i| 2 * i + 1)
            .flat_map(|stream| {
                let open = frame(HEADERS, END_HEADERS | END_STREAM, stream, block);
                [open, frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())].concat()
            })
            .collect::<Vec<u8>>()
    };
    let empty_data = |block: &[u8]| {
        let open = frame(HEADERS, END_HEADERS, 1, block);
        [open, frame(DATA, 0, 1, &[]).repeat(100_000)].concat()
    };
    let continuations = |block: &[u8]| {
        let open = frame(HEADERS, END_STREAM, 1, block);
        [open, frame(CONTINUATION, 0, 1, &[0x00; 16]).repeat(4096)].concat()
    };
    vec![
        case("URL-60", flood(resets), calm()).variant("resets").memory_mib(16),
        case("URL-60", flood(empty_data), calm()).variant("empty DATA").memory_mib(16),
        case("URL-60", flood(continuations), calm()).variant("CONTINUATION").memory_mib(16),
    ]
}
