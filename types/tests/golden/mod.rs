//! What the vector files contain.

mod consensus;
pub mod page;
mod trees;
mod values;

use quorate_crypto::hex;
use quorate_types::{Canonical, ChainContext, Writer};

/// One file of vectors.
pub struct Vectors {
    pub file: &'static str,
    pub about: &'static str,
    pub entries: Vec<Entry>,
}

/// What every signature covers before what it signs: version, chain id, genesis hash.
fn signed_bytes(context: &ChainContext, rest: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.u32(context.protocol_version);
    writer.bytes_u8(context.chain_id.as_str().as_bytes());
    writer.raw(context.genesis_hash.as_bytes());
    writer.raw(rest);
    writer.finish()
}

/// One vector: fields with their values, the name first.
pub struct Entry(Vec<(&'static str, String)>);

impl Entry {
    pub fn of(name: &str) -> Entry {
        Entry(vec![("name", name.to_owned())])
    }

    /// Adds text.
    pub fn text(mut self, field: &'static str, value: impl ToString) -> Entry {
        self.0.push((field, value.to_string()));
        self
    }

    /// Adds bytes as hex.
    pub fn bytes(self, field: &'static str, value: &[u8]) -> Entry {
        self.text(field, hex::encode(value))
    }

    /// Adds a value's canonical bytes.
    pub fn canonical(self, field: &'static str, value: &impl Canonical) -> Entry {
        self.bytes(field, &value.to_bytes())
    }

    pub fn name(&self) -> &str {
        &self.0[0].1
    }

    /// The fields as a Markdown table.
    pub fn to_markdown(&self) -> String {
        let fields = self.0.iter().skip(1);
        let rows = fields.map(|(field, value)| format!("| `{field}` | `{value}` |\n"));
        format!("| field | value |\n|---|---|\n{}", rows.collect::<String>())
    }

    fn to_json(&self) -> String {
        let fields = self.0.iter().map(|(field, value)| {
            let value = serde_json::Value::from(value.as_str());
            format!("      \"{field}\": {value}")
        });
        format!("    {{\n{}\n    }}", fields.collect::<Vec<_>>().join(",\n"))
    }
}

impl Vectors {
    /// The file's text: one field a line, so that a difference shows where it is.
    pub fn to_json(&self) -> String {
        let entries: Vec<String> = self.entries.iter().map(Entry::to_json).collect();
        let (about, entries) = (serde_json::Value::from(self.about), entries.join(",\n"));
        format!("{{\n  \"about\": {about},\n  \"vectors\": [\n{entries}\n  ]\n}}\n")
    }
}

/// All files.
pub fn files() -> Vec<Vectors> {
    vec![
        values::keys(),
        values::transactions(),
        values::receipts(),
        values::state(),
        consensus::statements(),
        consensus::certificates(),
        consensus::justifications(),
        consensus::blocks(),
        consensus::accountability(),
        consensus::rejoins(),
        consensus::validator_sets(),
        consensus::sign_records(),
        consensus::messages(),
        trees::merkle(),
        trees::state_tree(),
    ]
}
