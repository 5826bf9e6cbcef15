//! `quorate config`: what counts, and where it comes from.

use quorate_home::{Home, Settings, program_environment};
use serde_json::{Map, Value, json};

use crate::cli::Config;
use crate::failure::{Failure, configuration};
use crate::output::Output;

pub fn run(home: &Home, output: Output, command: &Config) -> Result<(), Failure> {
    let Config::Show { origin } = command;
    let settings =
        Settings::load(&home.config_file(), &program_environment(), &[]).map_err(configuration)?;
    if output == Output::Text && !origin {
        for setting in settings.list() {
            println!("{} = {}", setting.key, setting.value);
        }
        return Ok(());
    }
    let listed = settings.list().into_iter().map(|setting| {
        let value = serde_json::to_value(&setting.value).unwrap_or(Value::Null);
        json!({"key": setting.key, "value": value, "origin": setting.origin.to_string()})
    });
    let mut all = Map::new();
    all.insert("settings".to_owned(), Value::Array(listed.collect()));
    output.print(&all);
    Ok(())
}
