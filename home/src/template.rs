//! config.toml as it is written: every key with a comment.

use toml::{Table, Value};
use toml_edit::DocumentMut;

use crate::config::Config;

/// The defaults, commented. A test keeps it equal to [`Config::default`].
const TEMPLATE: &str = include_str!("config.toml");

/// The text of a config.toml with these values: every key, each with its comment.
#[must_use]
pub fn to_commented_toml(config: &Config) -> String {
    let mut document: DocumentMut = TEMPLATE.parse().expect("a test parses the template");
    for (section, keys) in to_table(config) {
        let Value::Table(keys) = keys else { continue };
        for (key, value) in keys {
            set(&mut document, &section, &key, &value);
        }
    }
    document.to_string()
}

/// The configuration as sections of keys.
pub(crate) fn to_table(config: &Config) -> Table {
    Table::try_from(config).expect("sections of numbers, strings, flags and lists of strings")
}

fn set(document: &mut DocumentMut, section: &str, key: &str, value: &Value) {
    let item = document
        .get_mut(section)
        .and_then(|section| section.get_mut(key))
        .and_then(|item| item.as_value_mut())
        .expect("a test finds every key in the template");
    let decor = item.decor().clone();
    *item = value.to_string().parse().expect("a value's text is a value");
    *item.decor_mut() = decor;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LogFormat;

    #[test]
    fn the_template_holds_exactly_the_defaults() {
        let table: Table = toml::from_str(TEMPLATE).unwrap();
        assert_eq!(table, to_table(&Config::default()));
        assert_eq!(to_commented_toml(&Config::default()), TEMPLATE);
    }

    #[test]
    fn other_values_keep_the_comments() {
        let mut config = Config::default();
        config.node.moniker = String::from("a \"quoted\" name");
        config.p2p.persistent_peers = vec![String::from("/dns4/val1/tcp/27656/p2p/12D3Koo")];
        config.log.format = LogFormat::Json;
        let text = to_commented_toml(&config);
        assert_eq!(toml::from_str::<Config>(&text).unwrap(), config);
        let comments = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
        assert_eq!(comments(&text), comments(TEMPLATE));
    }
}
