//! The accounts of a load, from the folder that `testnet generate` has made for them.

use std::fs;
use std::path::{Path, PathBuf};

use quorate_home::{KeyFile, KeyKind};

use super::LoadError;
use crate::spec::MAX_ACCOUNTS;

/// The ending of a key file.
const ENDING: &str = "key";

/// Reads every key file of a folder, in order of their names.
///
/// # Errors
/// When the folder cannot be read, has none or too many of them, or one is no account's key.
pub fn read_accounts(folder: &Path) -> Result<Vec<KeyFile>, LoadError> {
    let problem = |text: String| LoadError::Spec(format!("{}: {text}", folder.display()));
    let entries = fs::read_dir(folder).map_err(|error| problem(error.to_string()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|ending| ending == ENDING)).collect();
    if !(1..=usize::from(MAX_ACCOUNTS)).contains(&paths.len()) {
        return Err(problem(format!("{} key files, not 1 to {MAX_ACCOUNTS}", paths.len())));
    }
    paths.sort();
    Ok(paths.iter().map(|path| KeyFile::read(path, KeyKind::Account)).collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::development::DevelopmentKey;

    #[test]
    fn the_keys_of_a_folder_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read_accounts(folder.path()), Err(LoadError::Spec(_))));
        let made = [0, 1].map(|index| DevelopmentKey::Account(index).key());
        for (key, name) in made.iter().zip(["a.key", "b.key"]) {
            key.create(&folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("testnet.json"), "{}").unwrap();
        let read = read_accounts(folder.path()).unwrap();
        let addresses = |keys: &[KeyFile]| keys.iter().map(KeyFile::address).collect::<Vec<_>>();
        assert_eq!(addresses(&read), addresses(&made));
        DevelopmentKey::Node(0).key().create(&folder.path().join("c.key")).unwrap();
        assert!(matches!(read_accounts(folder.path()), Err(LoadError::Key(_))));
    }
}
