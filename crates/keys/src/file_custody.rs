//! Custody in a file of mode 0600, for the demo, the tests and the test realm.
//!
//! Lines `kek VERSION HEX` and `index VERSION HEX`, `#` for comments. The keys are in clear and side by side, so the
//! file protects against the theft of the database alone: the server asks for an explicit acceptance before it serves
//! real patients from it. A version is retired by deleting its line, once nothing refers to it any more.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::custody::{CustodyError, CustodyProfile, CustodyStatus, KeyCustody};
use crate::random;
use crate::seal::{Header, Key, Secret};
use crate::wrap::{Purpose, unwrap, wrap};

/// Room for hundreds of versions. Secret text is kept in one buffer of this size, which never grows and so leaves no
/// copy behind.
const FILE_BYTES_MAX: usize = 64 * 1024;

/// Key-encryption keys and index keys of one file. Both maps hold at least one version, and none is 0, which in the
/// header of a sealed value means the row's own key.
pub struct FileCustody {
    path: PathBuf,
    keks: BTreeMap<u32, Key>,
    index_keys: BTreeMap<u32, hmac::Key>,
}

impl FileCustody {
    /// Creates the file with a fresh key of each kind, of version 1. Durable when it returns.
    ///
    /// # Errors
    /// [`CustodyError::Io`]; a file that exists is left as it is, since it may hold the only copy of its keys.
    pub fn create(path: &Path) -> Result<Self, CustodyError> {
        let mut text = buffer();
        text.push_str(
            "# Keys of this deployment. Who reads this file and the database reads every record.\n",
        );
        push_fresh_key(&mut text, "kek", 1);
        push_fresh_key(&mut text, "index", 1);
        write_new(path, &text).and_then(|()| sync_parent(path)).map_err(|source| io_error(path, source))?;
        Self::parse(path, &text)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`CustodyError::Io`]; [`CustodyError::Refused`] when the group or others have any right on the file, when a line
    /// is not a key, or when a kind of key is missing.
    pub fn open(path: &Path) -> Result<Self, CustodyError> {
        Self::parse(path, &read(path)?)
    }

    /// Adds a key-encryption key, which wraps from now on; those before still unwrap. Returns its version.
    ///
    /// # Errors
    /// As [`open`](Self::open). The keys in use are then those of before.
    pub fn rotate_kek(&mut self) -> Result<u32, CustodyError> {
        self.rotate("kek", |custody| newest(&custody.keks).0)
    }

    /// Adds an index key, under which locators are written from now on. Returns its version.
    ///
    /// # Errors
    /// As [`rotate_kek`](Self::rotate_kek).
    pub fn rotate_index(&mut self) -> Result<u32, CustodyError> {
        self.rotate("index", |custody| newest(&custody.index_keys).0)
    }

    /// Starts from the file and not from memory, so as to keep a key added by another process, and uses the new key
    /// only once it is durable: a key that seals and is then lost loses the dossiers.
    fn rotate(&mut self, kind: &str, newest: fn(&Self) -> u32) -> Result<u32, CustodyError> {
        let mut text = read(&self.path)?;
        let version = newest(&Self::parse(&self.path, &text)?)
            .checked_add(1)
            .ok_or_else(|| refused(&self.path, "no version is left".into()))?;
        if !text.ends_with('\n') {
            text.push('\n');
        }
        push_fresh_key(&mut text, kind, version);
        let next = Self::parse(&self.path, &text)?;
        replace(&self.path, &text).map_err(|source| io_error(&self.path, source))?;
        *self = next;
        Ok(version)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, CustodyError> {
        let mut custody = Self { path: path.into(), keks: BTreeMap::new(), index_keys: BTreeMap::new() };
        for (at, line) in text.lines().enumerate() {
            custody
                .read_line(line.trim())
                .map_err(|problem| refused(path, format!("line {}: {problem}", at + 1)))?;
        }
        if custody.keks.is_empty() || custody.index_keys.is_empty() {
            return Err(refused(path, "it must hold a `kek` and an `index` key".into()));
        }
        Ok(custody)
    }

    fn read_line(&mut self, line: &str) -> Result<(), &'static str> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let mut words = line.split_whitespace();
        let (Some(kind), Some(version), Some(hex), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err("expected three words: kind, version, key");
        };
        let version = version
            .parse()
            .ok()
            .filter(|version| *version > 0)
            .ok_or("the version is not a number from 1")?;
        let secret = secret_from_hex(hex).ok_or("the key is not 64 hexadecimal digits")?;
        match kind {
            "kek" => insert_once(&mut self.keks, version, Key::from_secret(secret)),
            "index" => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_slice());
                insert_once(&mut self.index_keys, version, key)
            }
            _ => Err("the kind is neither `kek` nor `index`"),
        }
    }
}

impl KeyCustody for FileCustody {
    fn wrap(&self, dossier: [u8; 16], purpose: Purpose<'_>, key: &Key) -> Result<Vec<u8>, CustodyError> {
        let (version, kek) = newest(&self.keks);
        Ok(wrap(kek, version, dossier, purpose, key))
    }

    fn unwrap(&self, dossier: [u8; 16], purpose: Purpose<'_>, wrapped: &[u8]) -> Result<Key, CustodyError> {
        let version = Header::read(wrapped)?.key_id;
        let kek = self.keks.get(&version).ok_or(CustodyError::UnknownKek(version))?;
        Ok(unwrap(kek, dossier, purpose, wrapped)?)
    }

    fn index_under(&self, version: u32, kind: u8, value: &[u8]) -> Result<[u8; 32], CustodyError> {
        let key = self.index_keys.get(&version).ok_or(CustodyError::UnknownIndexKey(version))?;
        let mut context = hmac::Context::with_key(key);
        context.update(b"dmp/index/v1");
        context.update(&[kind]);
        context.update(value);
        let mut index = [0; 32];
        index.copy_from_slice(context.sign().as_ref());
        Ok(index)
    }

    fn index_version(&self) -> u32 {
        newest(&self.index_keys).0
    }

    fn kek_version(&self) -> u32 {
        newest(&self.keks).0
    }

    fn status(&self) -> CustodyStatus {
        CustodyStatus {
            profile: CustodyProfile::File,
            kek_versions: self.keks.keys().copied().collect(),
            index_versions: self.index_keys.keys().copied().collect(),
        }
    }
}

impl std::fmt::Debug for FileCustody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileCustody {{ path: {:?}, {:?} }}", self.path, self.status())
    }
}

fn newest<T>(keys: &BTreeMap<u32, T>) -> (u32, &T) {
    let (version, key) = keys.last_key_value().expect("a custody is only built with a key of each kind");
    (*version, key)
}

fn insert_once<T>(keys: &mut BTreeMap<u32, T>, version: u32, key: T) -> Result<(), &'static str> {
    keys.insert(version, key).map_or(Ok(()), |_| Err("this version is there twice"))
}

fn buffer() -> Zeroizing<String> {
    Zeroizing::new(String::with_capacity(FILE_BYTES_MAX))
}

fn push_fresh_key(text: &mut String, kind: &str, version: u32) {
    let mut secret = Secret::default();
    random::fill(secret.as_mut_slice());
    let written = write!(text, "{kind} {version} ")
        .and_then(|()| secret.iter().try_for_each(|byte| write!(text, "{byte:02x}")));
    written.expect("writing to a string does not fail");
    text.push('\n');
}

fn secret_from_hex(hex: &str) -> Option<Secret> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut secret = Secret::default();
    if hex.len() != 2 * secret.len() {
        return None;
    }
    for (byte, pair) in secret.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(secret)
}

fn read(path: &Path) -> Result<Zeroizing<String>, CustodyError> {
    let file = File::open(path).map_err(|source| io_error(path, source))?;
    // The mode is asked of the open file, so that it is the mode of what is read.
    let metadata = file.metadata().map_err(|source| io_error(path, source))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        let problem = format!("its mode is {mode:o} and must be 600, others than its owner reach the keys");
        return Err(refused(path, problem));
    }
    let mut text = buffer();
    file.take(FILE_BYTES_MAX as u64).read_to_string(&mut text).map_err(|source| io_error(path, source))?;
    // Keep room for one more line; a file cut at the limit must not pass for a whole one.
    if text.len() > FILE_BYTES_MAX - 128 {
        return Err(io_error(path, io::ErrorKind::FileTooLarge.into()));
    }
    Ok(text)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Puts `text` in place of the file at once: after a crash one reads the old keys or all the new ones.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let next = path.with_extension("next");
    // What a crash may have left; if something else stands there, the creation says so.
    let _ = fs::remove_file(&next);
    write_new(&next, text)?;
    fs::rename(&next, path)?;
    sync_parent(path)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

fn refused(path: &Path, problem: String) -> CustodyError {
    CustodyError::Refused { path: path.into(), problem }
}

fn io_error(path: &Path, source: io::Error) -> CustodyError {
    CustodyError::Io { path: path.into(), source }
}

#[cfg(test)]
#[path = "file_custody_tests.rs"]
mod tests;
