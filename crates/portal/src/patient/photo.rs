//! A photograph without what a camera adds to it: where it was taken, when, with what. Only how it is turned is kept.
//!
//! JPEG (ITU-T T.81 annex B) is a list of segments. Those that a picture needs are copied byte for byte, the others are
//! left out: EXIF, XMP, comments, and what follows the end of the picture, where telephones put a film or a second one.

const SOI: [u8; 2] = [0xff, 0xd8];
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;
const COMMENT: u8 = 0xfe;
/// Tag of how a picture is turned (EXIF 2.32, 4.6.4).
const ORIENTATION: u16 = 0x0112;

/// The picture alone; `None` for what is not a whole JPEG.
pub(crate) fn bare(jpeg: &[u8]) -> Option<Vec<u8>> {
    let mut rest = jpeg.strip_prefix(&SOI)?;
    let mut kept = Vec::with_capacity(jpeg.len());
    let mut turned = 1;
    let mut has_scan = false;
    loop {
        let (marker, after) = marker(rest)?;
        if marker == EOI {
            kept.extend([0xff, EOI]);
            break;
        }
        let length = usize::from(u16::from_be_bytes([*after.first()?, *after.get(1)?]));
        let segment = after.get(..length).filter(|_| length >= 2)?;
        let content = &segment[2..];
        rest = &after[length..];
        if marker == APP1 {
            turned = orientation(content).unwrap_or(turned);
        }
        let is_needed = match marker {
            APP0 => content.starts_with(b"JFIF\0"),
            // Colours as they were meant.
            APP2 => content.starts_with(b"ICC_PROFILE\0"),
            APP14 => content.starts_with(b"Adobe"),
            APP1..=0xef | COMMENT => false,
            _ => true,
        };
        if is_needed {
            kept.extend([0xff, marker]);
            kept.extend_from_slice(segment);
        }
        if marker == SOS {
            has_scan = true;
            let scan = scan_length(rest)?;
            kept.extend_from_slice(&rest[..scan]);
            rest = &rest[scan..];
        }
    }
    if !has_scan {
        return None;
    }
    let mut picture = SOI.to_vec();
    if turned != 1 {
        picture.extend(turn(turned));
    }
    picture.extend(kept);
    Some(picture)
}

/// A marker, fill bytes left out, and what follows it.
fn marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let bytes = bytes.strip_prefix(&[0xff])?;
    let fill = bytes.iter().take_while(|b| **b == 0xff).count();
    let (marker, after) = bytes[fill..].split_first()?;
    // Neither a stuffed byte nor a standalone marker stands between segments.
    (!matches!(marker, 0x00 | 0x01 | 0xd0..=0xd8)).then_some((*marker, after))
}

/// How long the coded data is: up to the next marker that is neither a stuffed byte nor a restart.
fn scan_length(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + bytes.get(from..)?.iter().position(|b| *b == 0xff)?;
        match bytes.get(at + 1)? {
            0x00 | 0xd0..=0xd7 => from = at + 2,
            0xff => from = at + 1,
            _ => return Some(at),
        }
    }
}

/// How the picture is turned, 1 to 8, by its EXIF.
fn orientation(segment: &[u8]) -> Option<u8> {
    let tiff = segment.strip_prefix(b"Exif\0\0")?;
    let big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let two: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
    };
    let four: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let first = if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) };
    let first = usize::try_from(first).ok()?;
    let entries = usize::from(short(first)?);
    let place = (0..entries)
        .filter_map(|entry| first.checked_add(2 + 12 * entry))
        .find(|at| short(*at) == Some(ORIENTATION))?;
    let value = short(place.checked_add(8)?)?;
    u8::try_from(value).ok().filter(|v| (1..=8).contains(v))
}

/// An EXIF segment that says how the picture is turned, and nothing else.
fn turn(orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let length = u16::try_from(exif.len() + 2).unwrap_or(u16::MAX);
    let mut segment = vec![0xff, APP1];
    segment.extend(length.to_be_bytes());
    segment.extend(exif);
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xff, marker];
        bytes.extend(u16::try_from(content.len() + 2).unwrap().to_be_bytes());
        bytes.extend_from_slice(content);
        bytes
    }

    /// Tables and coded data that stand for a picture.
    fn picture() -> Vec<u8> {
        let mut bytes = segment(0xdb, &[1; 20]);
        bytes.extend(segment(0xc0, &[2; 9]));
        bytes.extend(segment(SOS, &[3; 8]));
        bytes.extend([9, 0xff, 0x00, 8, 0xff, 0xd0, 7]);
        bytes
    }

    fn jpeg(before: &[Vec<u8>], after: &[u8]) -> Vec<u8> {
        [SOI.to_vec(), before.concat(), picture(), vec![0xff, EOI], after.to_vec()].concat()
    }

    fn exif(order: &[u8], orientation: u16) -> Vec<u8> {
        let big = order == b"MM\0*";
        let short = |v: u16| if big { v.to_be_bytes() } else { v.to_le_bytes() };
        let long = |v: u32| if big { v.to_be_bytes() } else { v.to_le_bytes() };
        let mut tiff = [order, &long(8)[..], &short(2)[..]].concat();
        // A GPS directory, then the orientation.
        tiff.extend([&short(0x8825)[..], &short(4), &long(1), &long(100)].concat());
        tiff.extend([&short(ORIENTATION)[..], &short(3), &long(1), &short(orientation), &[0, 0]].concat());
        tiff.extend(b"N 48 06 W 1 40 Fabricant");
        [b"Exif\0\0".to_vec(), tiff].concat()
    }

    #[test]
    fn place_device_comments_and_trailers_are_left_out_and_the_way_it_is_turned_stays() {
        let dirty = jpeg(
            &[
                segment(APP0, b"JFIF\0rest"),
                segment(APP1, &exif(b"II*\0", 6)),
                segment(APP1, b"http://ns.adobe.com/xap/1.0/\0<x>Rennes</x>"),
                segment(APP2, b"ICC_PROFILE\0\x01\x01couleurs"),
                segment(APP2, b"MPF\0second"),
                segment(COMMENT, b"chez moi"),
            ],
            b"un film qui suit",
        );
        let clean = bare(&dirty).unwrap();
        let expected = [
            SOI.to_vec(),
            turn(6),
            segment(APP0, b"JFIF\0rest"),
            segment(APP2, b"ICC_PROFILE\0\x01\x01couleurs"),
            picture(),
            vec![0xff, EOI],
        ]
        .concat();
        assert_eq!(clean, expected);
        assert_eq!(bare(&clean), Some(clean.clone()), "done twice it is the same");
    }

    #[test]
    fn both_byte_orders_are_read_and_an_upright_picture_needs_nothing() {
        for order in [b"II*\0", b"MM\0*"] {
            for (given, kept) in [(1, None), (3, Some(3)), (8, Some(8)), (0, None), (9, None), (700, None)] {
                let clean = bare(&jpeg(&[segment(APP1, &exif(order, given))], b"")).unwrap();
                let told = (clean[3] == APP1).then(|| orientation(&clean[6..]).unwrap());
                assert_eq!(told, kept, "{order:?} {given}");
            }
        }
    }

    #[test]
    fn what_is_cut_or_no_picture_is_refused_and_nothing_panics() {
        let whole = jpeg(&[segment(APP1, &exif(b"II*\0", 6))], b"");
        for cut in 0..whole.len() {
            assert_eq!(bare(&whole[..cut]), None, "{cut}");
        }
        for odd in [
            &b""[..],
            b"%PDF-1.7",
            b"\xff\xd8",
            b"\xff\xd8\xff\xd9",
            b"\xff\xd8\xff\xe0\0\0",
            b"\xff\xd8\xff\xff",
        ] {
            assert_eq!(bare(odd), None, "{odd:?}");
        }
        for index in 0..whole.len() {
            for value in [0x00, 0xff, 0xd9] {
                let mut altered = whole.clone();
                altered[index] = value;
                let _ = bare(&altered);
            }
        }
    }
}
