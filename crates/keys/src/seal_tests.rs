//! What opens, and what must not.

use std::collections::HashSet;

use super::*;

const DOSSIER: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const AAD: Aad<'static> = Aad { table: Table::Entry, dossier: DOSSIER, row: b"row-7" };

fn tables() -> Vec<Table> {
    use Table::*;
    vec![
        Dossier,
        Entry,
        SearchText,
        Content,
        Journal,
        Note,
        DossierKey,
        DocumentKey,
        GrantIndex,
        Outbox,
        Register,
        RegisterKey,
    ]
}

fn known_key() -> Key {
    Key::from_secret(Box::new(Zeroizing::new(std::array::from_fn(|at| at as u8))))
}

/// Made by another implementation (OpenSSL, through Python's `cryptography`) from the layout in the module's header:
/// key 00..1f, nonce a0..ab, key id 0x01020304, schema 0x0506.
#[test]
fn a_value_sealed_by_another_implementation_opens() {
    let hex =
        "01040302010605a0a1a2a3a4a5a6a7a8a9aaab966a195e36a26dd14254b5fc3f22639557df346be08b6ec60a08a4cb74";
    let sealed: Vec<u8> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    assert_eq!(Header::read(&sealed), Ok(Header { key_id: 0x0102_0304, schema: 0x0506 }));
    let opened = known_key().open(AAD, &sealed).unwrap();
    assert_eq!((opened.schema, opened.plaintext.as_slice()), (0x0506, &b"pression 12/8"[..]));
}

#[test]
fn a_table_keeps_its_number() {
    assert_eq!(
        tables().iter().map(|table| *table as u8).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    );
}

#[test]
fn what_was_sealed_opens_at_its_place_35_bytes_longer() {
    let key = Key::random();
    for table in tables() {
        for (len, key_id, schema, row) in [
            (0, 0, 0, &b""[..]),
            (1, 7, 3, b"r"),
            (16, 1, 1, &[0; 300]),
            (70_000, u32::MAX, u16::MAX, b"row"),
        ] {
            let aad = Aad { table, dossier: DOSSIER, row };
            let plaintext = vec![b'x'; len];
            let sealed = key.seal(aad, key_id, schema, &plaintext);
            assert_eq!(sealed.len(), len + 35);
            assert_eq!(Header::read(&sealed), Ok(Header { key_id, schema }));
            let opened = key.open(aad, &sealed).unwrap();
            assert_eq!((opened.schema, opened.plaintext), (schema, plaintext));
        }
    }
}

#[test]
fn a_value_opens_at_no_other_place_and_under_no_other_key() {
    let key = Key::random();
    let sealed = key.seal(AAD, 0, 1, b"synthese");
    let rows: [&[u8]; 4] = [b"row-8", b"row-", b"row-7\x01", b""];
    let mut places = vec![Aad { dossier: [9; 16], ..AAD }];
    places.extend(rows.map(|row| Aad { row, ..AAD }));
    places.extend(tables().into_iter().filter(|table| *table != AAD.table).map(|table| Aad { table, ..AAD }));
    for place in places {
        assert_eq!(key.open(place, &sealed).unwrap_err(), SealError::NotAuthentic, "{place:?}");
        let swapped = key.seal(place, 0, 1, b"synthese");
        assert_eq!(key.open(AAD, &swapped).unwrap_err(), SealError::NotAuthentic, "from {place:?}");
    }
    assert_eq!(Key::random().open(AAD, &sealed).unwrap_err(), SealError::NotAuthentic);
}

#[test]
fn a_flipped_bit_anywhere_does_not_open() {
    let key = Key::random();
    let sealed = key.seal(AAD, 3, 1, b"compte rendu");
    for (at, bit) in (0..sealed.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut altered = sealed.clone();
        altered[at] ^= 1 << bit;
        let expected = if at == 0 { SealError::UnknownFormat(altered[0]) } else { SealError::NotAuthentic };
        assert_eq!(key.open(AAD, &altered).unwrap_err(), expected, "bit {bit} of byte {at}");
    }
}

#[test]
fn a_value_cut_or_lengthened_anywhere_does_not_open() {
    let key = Key::random();
    let mut sealed = key.seal(AAD, 3, 1, b"compte rendu");
    for len in 0..sealed.len() {
        let expected = if len < OVERHEAD { SealError::CutShort(len) } else { SealError::NotAuthentic };
        assert_eq!(key.open(AAD, &sealed[..len]).unwrap_err(), expected, "first {len} bytes");
        assert!(key.open(AAD, &sealed[sealed.len() - len..]).is_err(), "last {len} bytes");
    }
    sealed.push(0);
    assert_eq!(key.open(AAD, &sealed).unwrap_err(), SealError::NotAuthentic);
}

#[test]
fn no_nonce_repeats_under_a_key() {
    let key = Key::random();
    let nonces: HashSet<Vec<u8>> =
        (0..20_000).map(|_| key.seal(AAD, 0, 1, b"same")[HEADER_LEN..][..NONCE_LEN].to_vec()).collect();
    assert_eq!(nonces.len(), 20_000);
}

#[test]
fn debug_shows_neither_key_nor_plaintext() {
    let key = known_key();
    assert_eq!(format!("{key:?}"), "Key(..)");
    let opened = key.open(AAD, &key.seal(AAD, 0, 1, b"secret")).unwrap();
    assert_eq!(format!("{opened:?}"), "Opened { schema: 1, plaintext: 6 bytes }");
}
