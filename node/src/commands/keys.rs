//! `quorate keys`: plain account keys, for local use, in the home's folder `keys`.

use std::path::{Path, PathBuf};

use quorate_crypto::hex;
use quorate_home::{Home, KeyFile, KeyKind, ensure_folder};
use serde_json::{Value, json};

use crate::cli::Keys;
use crate::failure::{Code, Failure, configuration};
use crate::output::Output;

/// The ending of a key file.
const ENDING: &str = "key";

pub fn run(home: &Home, output: Output, command: Keys) -> Result<(), Failure> {
    match command {
        Keys::New { name } => {
            let key = KeyFile::random(KeyKind::Account).map_err(configuration)?;
            create(home, &name, &key)?;
            output.print(&described(&name, &key));
        }
        Keys::List => output.print(&json!({ "keys": list(home)? })),
        Keys::Show { key } => {
            // Any key's public part may be seen: genesis asks for validators' keys.
            let file = KeyFile::read_any(&find(home, &key)?).map_err(configuration)?;
            output.print(&described(&key.display().to_string(), &file));
        }
        Keys::Import { name, file } => {
            let key = KeyFile::read(&file, KeyKind::Account).map_err(configuration)?;
            create(home, &name, &key)?;
            output.print(&described(&name, &key));
        }
        Keys::Export { name } => {
            let key = read(home, Path::new(&name))?;
            print!("{}", *key.to_text());
        }
    }
    Ok(())
}

/// A key by the path of its file, or by its name in the home.
pub fn read(home: &Home, key: &Path) -> Result<KeyFile, Failure> {
    KeyFile::read(&find(home, key)?, KeyKind::Account).map_err(configuration)
}

fn find(home: &Home, key: &Path) -> Result<PathBuf, Failure> {
    let named = folder(home).join(key).with_extension(ENDING);
    let path = if key.exists() { key.to_owned() } else { named };
    if !path.exists() {
        let error = format!("there is no key file {} and no key of that name", key.display());
        return Err(Failure::new(Code::NotFound, error).hint("`quorate keys list` lists the keys"));
    }
    Ok(path)
}

fn folder(home: &Home) -> PathBuf {
    home.root().join("keys")
}

fn create(home: &Home, name: &str, key: &KeyFile) -> Result<(), Failure> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || !name.bytes().all(plain) {
        let error = format!("{name:?} is no name: letters, digits, '-' and '_'");
        return Err(Failure::new(Code::Usage, error));
    }
    let folder = folder(home);
    ensure_folder(&folder).map_err(configuration)?;
    key.create(&folder.join(name).with_extension(ENDING)).map_err(configuration)
}

fn list(home: &Home) -> Result<Vec<Value>, Failure> {
    let Ok(entries) = std::fs::read_dir(folder(home)) else {
        return Ok(Vec::new());
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == ENDING));
    paths.sort();
    let describe = |path: &PathBuf| {
        let key = KeyFile::read(path, KeyKind::Account).map_err(configuration)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Ok(described(&name, &key))
    };
    paths.iter().map(describe).collect()
}

fn described(name: &str, key: &KeyFile) -> Value {
    let address = (key.kind() == KeyKind::Account).then(|| key.address().to_string());
    json!({
        "name": name,
        "address": address,
        "public_key": hex::encode(key.public_bytes()),
    })
}
