//! What commands print: the same value as one line of JSON, or as lines and tables for people.

use clap::ValueEnum;
use comfy_table::Table;
use serde::Serialize;
use serde_json::Value;

/// The form of a command's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Lines and tables.
    Text,
    /// One JSON value.
    Json,
}

impl Output {
    /// Prints a value.
    pub fn print(self, value: &impl Serialize) {
        let value = serde_json::to_value(value).expect("the models have string keys only");
        match self {
            Output::Json => println!("{value}"),
            Output::Text => print!("{}", text(&value)),
        }
    }
}

/// One line for each field; a list of objects is a table below its name.
fn text(value: &Value) -> String {
    let Value::Object(fields) = value else {
        return format!("{}\n", plain(value));
    };
    let width = fields.keys().map(|name| name.len() + 1).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in fields {
        match value {
            Value::Array(items) if items.iter().any(Value::is_object) => {
                text.push_str(&format!("{name}:\n{}\n", table(items)));
            }
            Value::Object(_) => {
                text.push_str(&format!("{name}:\n{}", indented(&self::text(value))));
            }
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                text.push_str(&format!("{:<width$}  {}\n", format!("{name}:"), plain(value)));
            }
        }
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

fn table(items: &[Value]) -> Table {
    let mut table = Table::new();
    let columns: Vec<&String> = items
        .first()
        .and_then(Value::as_object)
        .map(|first| first.keys().collect())
        .unwrap_or_default();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(&columns);
    for item in items {
        let cell = |column: &&String| item.get(column.as_str()).map(plain).unwrap_or_default();
        table.add_row(columns.iter().map(cell));
    }
    table
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_lines_and_lists_of_objects_are_tables() {
        let value = json!({"height": 7, "peers": [{"id": "a", "height": null}], "none": null});
        let text = text(&value);
        assert!(text.contains("height:  7\n"), "{text}");
        assert!(text.contains("peers:\n"), "{text}");
        assert!(text.contains('-'), "{text}");
        assert!(!text.contains("none"), "{text}");
    }
}
