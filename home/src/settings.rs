//! The layers of configuration: flag, then environment, then file, then default; and where each
//! value came from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::{Table, Value};
use toml_edit::Document;

use crate::config::Config;
use crate::environment::key_of;
use crate::files::{FileError, read_file};
use crate::template::to_table;
use crate::validate::validate;

/// Bytes of a config.toml.
const MAX_CONFIG_BYTES: usize = 256 * 1024;

/// A key that a flag of the command line sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The flag, such as `--rpc-listen`.
    pub name: &'static str,
    /// The key, such as `rpc.listen`.
    pub key: &'static str,
    /// The value's text.
    pub value: String,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The file, in this line (from 1).
    File {
        /// The file.
        path: PathBuf,
        /// The line, where it is known.
        line: Option<usize>,
    },
    /// An environment variable.
    Environment(String),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => formatter.write_str("default"),
            Origin::File { path, line: Some(line) } => {
                write!(formatter, "{} line {line}", path.display())
            }
            Origin::File { path, line: None } => path.display().fmt(formatter),
            Origin::Environment(variable) => write!(formatter, "environment {variable}"),
            Origin::Flag(name) => write!(formatter, "flag {name}"),
        }
    }
}

/// What is wrong with the configuration, where, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is not TOML of this schema.
    #[error("{} line {line}: {problem}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A variable or flag names no key.
    #[error("{origin} names no key of the configuration; `quorate config show` lists them")]
    UnknownKey {
        /// The variable or flag.
        origin: Origin,
    },
    /// A value that does not read, or is not allowed.
    #[error("{key} ({origin}): {problem}; {remedy}")]
    Value {
        /// The key, such as `rpc.listen`.
        key: String,
        /// Who set it.
        origin: Origin,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        remedy: &'static str,
    },
}

/// One value for display.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The key, such as `rpc.listen`.
    pub key: String,
    /// The value.
    pub value: Value,
    /// Where it comes from.
    pub origin: Origin,
}

/// The configuration of all layers, and where each value came from.
#[derive(Clone, Debug)]
pub struct Settings {
    config: Config,
    values: Table,
    origins: BTreeMap<String, Origin>,
}

impl Settings {
    /// Reads every layer. A file that does not exist is an empty one.
    ///
    /// # Errors
    /// Names the first fault with its place and the remedy.
    pub fn load(
        file: &Path,
        environment: &[(String, String)],
        flags: &[Flag],
    ) -> Result<Settings, ConfigError> {
        let config = Config::default();
        let values = to_table(&config);
        let mut settings = Settings { config, values, origins: BTreeMap::new() };
        settings.add_file(file)?;
        for (variable, value) in environment {
            let origin = Origin::Environment(variable.clone());
            let key = key_of(variable).unwrap_or_default();
            settings.add_text(&key, value, origin)?;
        }
        for Flag { name, key, value } in flags {
            settings.add_text(key, value, Origin::Flag(name))?;
        }
        validate(&settings.config).map_err(|fault| ConfigError::Value {
            key: fault.key.to_owned(),
            origin: settings.origin(fault.key),
            problem: fault.problem,
            remedy: fault.remedy,
        })?;
        Ok(settings)
    }

    /// The configuration that counts.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Where a key's value comes from.
    #[must_use]
    pub fn origin(&self, key: &str) -> Origin {
        self.origins.get(key).cloned().unwrap_or(Origin::Default)
    }

    /// Every key with its value and origin.
    #[must_use]
    pub fn list(&self) -> Vec<Setting> {
        let mut list = Vec::new();
        for (section, keys) in &self.values {
            for (key, value) in keys.as_table().into_iter().flatten() {
                let key = format!("{section}.{key}");
                let origin = self.origin(&key);
                list.push(Setting { key, value: value.clone(), origin });
            }
        }
        list
    }

    fn add_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let bytes = match read_file(path, MAX_CONFIG_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.is_missing() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let shape = |line, problem| ConfigError::Shape { path: path.to_owned(), line, problem };
        let text = String::from_utf8(bytes).map_err(|_| shape(1, String::from("not UTF-8")))?;
        self.config = toml::from_str(&text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            shape(line_at(&text, at), error.message().to_owned())
        })?;
        for (section, key) in keys_of(&text) {
            let line = line_of(&text, &section, &key);
            let origin = Origin::File { path: path.to_owned(), line };
            self.origins.insert(format!("{section}.{key}"), origin);
        }
        self.values = to_table(&self.config);
        Ok(())
    }

    fn add_text(&mut self, key: &str, text: &str, origin: Origin) -> Result<(), ConfigError> {
        let Some(value) = self.value_mut(key) else {
            return Err(ConfigError::UnknownKey { origin });
        };
        let read = value_like(value, text).map(|new| *value = new).and_then(|()| {
            self.values.clone().try_into().map_err(|error| error.message().to_owned())
        });
        self.config = read.map_err(|problem| ConfigError::Value {
            key: key.to_owned(),
            origin: origin.clone(),
            problem,
            remedy: "compare with `quorate config show`",
        })?;
        self.origins.insert(key.to_owned(), origin);
        Ok(())
    }

    fn value_mut(&mut self, key: &str) -> Option<&mut Value> {
        let (section, key) = key.split_once('.')?;
        self.values.get_mut(section)?.get_mut(key)
    }
}

/// Reads a text as a value of the same type as another; lists are separated by commas.
fn value_like(like: &Value, text: &str) -> Result<Value, String> {
    match like {
        Value::Integer(_) => {
            text.parse().map(Value::Integer).map_err(|_| format!("{text:?} is not a whole number"))
        }
        Value::Boolean(_) => text
            .parse()
            .map(Value::Boolean)
            .map_err(|_| format!("{text:?} is neither true nor false")),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Ok(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
        }
        Value::String(_) | Value::Float(_) | Value::Datetime(_) | Value::Table(_) => {
            Ok(Value::String(text.to_owned()))
        }
    }
}

/// The (section, key) pairs in a text that has been read before.
fn keys_of(text: &str) -> Vec<(String, String)> {
    let table: Table = toml::from_str(text).expect("the text was read as a configuration before");
    let mut keys = Vec::new();
    for (section, value) in &table {
        for key in value.as_table().into_iter().flat_map(|table| table.keys()) {
            keys.push((section.clone(), key.clone()));
        }
    }
    keys
}

/// The line, from 1, in which a key's value begins.
fn line_of(text: &str, section: &str, key: &str) -> Option<usize> {
    let document = Document::parse(text).ok()?;
    let span = document.as_table().get(section)?.as_table_like()?.get(key)?.span()?;
    Some(line_at(text, span.start))
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count().saturating_add(1)
}
