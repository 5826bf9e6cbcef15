//! The OpenRPC document: made while the methods are registered, from the types that they read and
//! write, so that it cannot list anything else.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use crate::error::ErrorKind;
use crate::methods::Spec;

/// How a method is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// It is called and answers.
    Call,
    /// It answers a number, and notes follow: those of this name with that number.
    Subscribe {
        /// The method name in the notes.
        notes: &'static str,
    },
}

/// The document while methods are added.
pub(crate) struct Document {
    generator: SchemaGenerator,
    methods: Vec<Value>,
}

impl Default for Document {
    fn default() -> Self {
        let settings = SchemaSettings::draft07().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Document { generator: settings.into_generator(), methods: Vec::new() }
    }
}

impl Document {
    /// Adds a method that takes `P` and answers `R`, or sends notes of `R`.
    pub(crate) fn add<P: JsonSchema, R: JsonSchema>(&mut self, spec: &Spec, shape: Shape) {
        let taken = P::json_schema(&mut self.generator);
        let properties = taken.as_value()["properties"].as_object();
        assert_eq!(properties.map_or(0, |map| map.len()), spec.params.len(), "{}", spec.name);
        let params: Vec<Value> = spec.params.iter().map(|name| param(&taken, name)).collect();
        let result = self.generator.subschema_for::<R>();
        let mut method = json!({
            "name": spec.name,
            "summary": spec.summary,
            "paramStructure": "either",
            "params": params,
        });
        match shape {
            Shape::Call => method["result"] = json!({ "name": "result", "schema": result }),
            Shape::Subscribe { notes } => {
                let number = json!({ "type": "integer", "minimum": 0 });
                method["result"] = json!({ "name": "subscription", "schema": number });
                method["x-notes"] = json!({ "method": notes, "schema": result });
            }
        }
        self.methods.push(method);
    }

    /// The whole document.
    pub(crate) fn finish(mut self) -> Value {
        let schemas = self.generator.take_definitions(true);
        let errors: serde_json::Map<String, Value> = ErrorKind::ALL
            .iter()
            .map(|kind| {
                let name = json!(kind).as_str().unwrap_or_default().to_owned();
                let error = json!({ "code": kind.code(), "message": name.clone() });
                (name, error)
            })
            .collect();
        json!({
            "openrpc": "1.3.2",
            "info": { "title": "Quorate", "version": env!("CARGO_PKG_VERSION") },
            "methods": self.methods,
            "components": { "schemas": schemas, "errors": errors },
        })
    }
}

/// One parameter of a method, from the schema of all of them.
fn param(taken: &Schema, name: &str) -> Value {
    let schema = &taken.as_value()["properties"][name];
    assert!(schema.is_object(), "parameter {name} is described, but not read");
    let required = taken.as_value()["required"].as_array();
    let required = required.is_some_and(|names| names.iter().any(|listed| listed == name));
    json!({ "name": name, "required": required, "schema": schema })
}
