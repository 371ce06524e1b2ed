//! The file, its versions, and what it refuses.

use super::*;
use crate::seal::{Aad, SealError, Table};

const DOSSIER: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const KNOWN: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A directory of its own for each test, removed at its end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let name = u64::from_le_bytes(random::random_array());
        let path = std::env::temp_dir().join(format!("dmp-keys-{name}"));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("keys")
    }

    fn written(&self, text: &str) -> PathBuf {
        write_new(&self.file(), text).unwrap();
        self.file()
    }

    fn mode(&self) -> u32 {
        fs::metadata(self.file()).unwrap().permissions().mode() & 0o7777
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The error and its source, as an operator reads them.
fn told<T>(outcome: Result<T, CustodyError>) -> String {
    let Err(error) = outcome else {
        return "accepted".into();
    };
    let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
    format!("{error}{}", source.unwrap_or_default())
}

#[test]
fn create_writes_mode_600_and_never_overwrites_keys() {
    let directory = Directory::new();
    let custody = FileCustody::create(&directory.file()).unwrap();
    assert_eq!(directory.mode(), 0o600);
    assert!(custody.status().profile.requires_acceptance());
    let before = fs::read(directory.file()).unwrap();
    assert!(matches!(FileCustody::create(&directory.file()), Err(CustodyError::Io { .. })));
    assert_eq!(fs::read(directory.file()).unwrap(), before);
}

#[test]
fn a_file_that_others_may_reach_is_refused() {
    let directory = Directory::new();
    let mut custody = FileCustody::create(&directory.file()).unwrap();
    for mode in [0o600, 0o400, 0o700, 0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o666] {
        fs::set_permissions(directory.file(), fs::Permissions::from_mode(mode)).unwrap();
        let told = told(FileCustody::open(&directory.file()));
        let expected =
            if mode & 0o077 == 0 { "accepted" } else { &format!("mode is {mode:o} and must be 600") };
        assert!(told.contains(expected), "{mode:o}: {told}");
    }
    assert!(told(custody.rotate_kek()).contains("mode is 666"));
}

#[test]
fn what_is_not_a_key_file_is_refused_in_words() {
    let cases = "                -> : it must hold a `kek` and an `index` key
        # nothing                -> : it must hold a `kek` and an `index` key
        kek 1 KEY                -> : it must hold a `kek` and an `index` key
        index 1 KEY              -> : it must hold a `kek` and an `index` key
        VALID kek 1 KEY          -> line 3: this version is there twice
        VALID index 1 KEY        -> line 3: this version is there twice
        VALID jwt 1 KEY          -> line 3: the kind is neither `kek` nor `index`
        VALID KEY                -> line 3: expected three words: kind, version, key
        VALID kek 2 KEY x        -> line 3: expected three words: kind, version, key
        VALID kek 0 KEY          -> line 3: the version is not a number from 1
        VALID kek -1 KEY         -> line 3: the version is not a number from 1
        VALID kek 4294967296 KEY -> line 3: the version is not a number from 1
        VALID kek 2 KEY0         -> line 3: the key is not 64 hexadecimal digits
        VALID kek 2 SHORT        -> line 3: the key is not 64 hexadecimal digits
        VALID kek 2 +SHORT       -> line 3: the key is not 64 hexadecimal digits
        VALID kek 2 LONG         -> : file too large";
    let valid = format!("kek 1 {KNOWN}\nindex 1 {KNOWN}\n");
    for case in cases.lines() {
        let (text, expected) = case.split_once("->").unwrap();
        let text = text.trim().replace("KEY", KNOWN).replace("SHORT", &KNOWN[1..]);
        let text = text.replace("VALID ", &valid).replace("LONG", &"0".repeat(FILE_BYTES_MAX));
        let directory = Directory::new();
        let outcome = FileCustody::open(&directory.written(&text));
        let shown = format!("{outcome:?}");
        let told = told(outcome);
        assert!(told.ends_with(expected.trim()), "{case}: {told}");
        assert!(!told.contains(&KNOWN[1..]) && !shown.contains(&KNOWN[1..]), "{case}: tells the key");
    }
}

#[test]
fn a_rotated_kek_wraps_and_those_before_still_unwrap() {
    let directory = Directory::new();
    let mut custody = FileCustody::create(&directory.file()).unwrap();
    let key = Key::random();
    let mut wrapped = vec![custody.wrap(DOSSIER, Purpose::Journal, &key).unwrap()];
    for version in [2, 3] {
        assert_eq!((custody.rotate_kek().unwrap(), custody.kek_version()), (version, version));
        wrapped.push(custody.wrap(DOSSIER, Purpose::Journal, &key).unwrap());
    }
    for custody in [custody, FileCustody::open(&directory.file()).unwrap()] {
        assert_eq!(custody.status().kek_versions, [1, 2, 3]);
        for (wrapped, version) in wrapped.iter().zip(1..) {
            assert_eq!(Header::read(wrapped).unwrap().key_id, version);
            assert_eq!(custody.unwrap(DOSSIER, Purpose::Journal, wrapped).unwrap().secret(), key.secret());
        }
    }
    assert_eq!(directory.mode(), 0o600);
    assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 1, "no copy of the keys is left beside");
}

#[test]
fn a_rotation_keeps_what_was_added_to_the_file_meanwhile() {
    let directory = Directory::new();
    let mut custody = FileCustody::create(&directory.file()).unwrap();
    let mut text = fs::read_to_string(directory.file()).unwrap();
    text.push_str(&format!("# by hand\nkek 5 {KNOWN}"));
    fs::write(directory.file(), &text).unwrap();
    fs::write(directory.file().with_extension("next"), "left by a crash").unwrap();
    assert_eq!(custody.rotate_kek().unwrap(), 6);
    assert_eq!(custody.status().kek_versions, [1, 5, 6]);
    assert!(fs::read_to_string(directory.file()).unwrap().starts_with(&format!("{text}\nkek 6 ")));
}

#[test]
fn a_rotation_that_fails_leaves_file_and_keys_in_use() {
    let directory = Directory::new();
    let text = format!("kek 4294967295 {KNOWN}\nindex 1 {KNOWN}");
    let mut custody = FileCustody::open(&directory.written(&text)).unwrap();
    fs::create_dir(directory.file().with_extension("next")).unwrap();
    assert!(told(custody.rotate_kek()).ends_with(": no version is left"));
    assert!(matches!(custody.rotate_index(), Err(CustodyError::Io { .. })));
    assert_eq!((custody.kek_version(), custody.index_version()), (4_294_967_295, 1));
    assert_eq!(fs::read_to_string(directory.file()).unwrap(), text);
}

#[test]
fn a_key_wrapped_elsewhere_is_refused_in_words() {
    let (here, there) = (Directory::new(), Directory::new());
    let custody = FileCustody::create(&here.file()).unwrap();
    let mut other = FileCustody::create(&there.file()).unwrap();
    let key = Key::random();
    let foreign = other.wrap(DOSSIER, Purpose::Content, &key).unwrap();
    other.rotate_kek().unwrap();
    let newer = other.wrap(DOSSIER, Purpose::Content, &key).unwrap();
    let by_a_dossier = wrap(&Key::random(), 0, DOSSIER, Purpose::Content, &key);
    let moved = custody.wrap([9; 16], Purpose::Content, &key).unwrap();
    for (wrapped, expected) in [
        (&newer[..], "this custody holds no key-encryption key of version `2`"),
        (&by_a_dossier, "this custody holds no key-encryption key of version `0`"),
        (&foreign, "the wrapped key does not open: the sealed value does not open"),
        (&moved, "the wrapped key does not open: the sealed value does not open"),
        (&[], "the wrapped key does not open: the sealed value is cut short: 0 bytes"),
    ] {
        let told = told(custody.unwrap(DOSSIER, Purpose::Content, wrapped));
        assert!(told.starts_with(expected), "{told} instead of {expected}");
    }
}

/// Expected values come from Python's `hmac` and from another AES-256-GCM (OpenSSL), over the documented bytes.
#[test]
fn the_independent_vectors_hold() {
    let directory = Directory::new();
    let text = format!("kek 3 {KNOWN}\nindex 9 {}\n", KNOWN.to_uppercase());
    let custody = FileCustody::open(&directory.written(&text)).unwrap();
    let index = secret_from_hex("c72ffb723211e45ca5ac1792938e82c93ce4c0278acc7b4205adf9db0257a55e").unwrap();
    assert_eq!(custody.index(1, b"284073523811416").unwrap(), **index);

    let ciphertext =
        secret_from_hex("a45a3e6f078940fd2027c5914538829c32ee1b52d0f5002ede4c64c43de93743").unwrap();
    let mut wrapped = vec![1, 3, 0, 0, 0, 1, 0];
    wrapped.extend(0xa0..0xac);
    wrapped.extend(ciphertext.iter());
    wrapped.extend(0xfcf9_9921_3a87_d0f8_90ea_61d3_3c10_7073_u128.to_be_bytes());
    assert_eq!(custody.unwrap(DOSSIER, Purpose::Content, &wrapped).unwrap().secret(), &[0x42; 32]);
}

#[test]
fn an_index_depends_on_key_version_kind_and_value() {
    let directory = Directory::new();
    let mut custody = FileCustody::create(&directory.file()).unwrap();
    let first = custody.index(1, b"a").unwrap();
    assert_eq!((custody.rotate_index().unwrap(), custody.index_version()), (2, 2));
    assert_eq!(custody.status().index_versions, [1, 2]);
    assert_eq!(custody.index_under(1, 1, b"a").unwrap(), first, "the old version still finds");
    assert_eq!(custody.index(1, b"a").unwrap(), custody.index_under(2, 1, b"a").unwrap());
    for (version, kind, value) in [(2, 1, &b"a"[..]), (1, 2, b"a"), (1, 1, b"b"), (1, 1, b""), (1, 1, b"aa")]
    {
        assert_ne!(custody.index_under(version, kind, value).unwrap(), first, "{version} {kind} {value:?}");
    }
    assert!(matches!(custody.index_under(3, 1, b"a"), Err(CustodyError::UnknownIndexKey(3))));
}

#[test]
fn debug_shows_versions_and_no_key() {
    let directory = Directory::new();
    let path = directory.written(&format!("kek 3 {KNOWN}\nindex 9 {KNOWN}\n"));
    let status = "CustodyStatus { profile: File, kek_versions: [3], index_versions: [9] }";
    let expected = format!("FileCustody {{ path: {path:?}, {status} }}");
    assert_eq!(format!("{:?}", FileCustody::open(&path).unwrap()), expected);
}

#[test]
fn a_content_opens_through_the_whole_tree_of_keys() {
    let directory = Directory::new();
    let custody = FileCustody::create(&directory.file()).unwrap();
    let (content_key, document_key, document) = (Key::random(), Key::random(), Purpose::Document(b"id"));
    let aad = Aad { table: Table::Content, dossier: DOSSIER, row: b"id" };
    let row = document_key.seal(aad, 0, 1, b"<ClinicalDocument/>");
    let document_row = wrap(&content_key, 0, DOSSIER, document, &document_key);
    let dossier_row = custody.wrap(DOSSIER, Purpose::Content, &content_key).unwrap();

    let custody = FileCustody::open(&directory.file()).unwrap();
    let content_key = custody.unwrap(DOSSIER, Purpose::Content, &dossier_row).unwrap();
    let document_key = unwrap(&content_key, DOSSIER, document, &document_row).unwrap();
    assert_eq!(document_key.open(aad, &row).unwrap().plaintext, b"<ClinicalDocument/>");
    assert_eq!(content_key.open(aad, &row).unwrap_err(), SealError::NotAuthentic);
}
