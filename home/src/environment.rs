//! The environment as a layer of configuration: `QUORATE__SECTION__KEY`.

/// What every variable of configuration begins with. (`QUORATE_HOME` and `QUORATE_NODE`, with one
/// underscore, are arguments of commands and no configuration.)
pub const ENVIRONMENT_PREFIX: &str = "QUORATE__";

/// The variables of this process that are configuration. Whatever is not UTF-8 in them is replaced,
/// and then refused like any other bad value.
#[must_use]
pub fn program_environment() -> Vec<(String, String)> {
    let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let variables = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
    variables.filter(|(name, _)| name.starts_with(ENVIRONMENT_PREFIX)).collect()
}

/// The key that a variable names: `QUORATE__RPC__LISTEN` is `rpc.listen`.
pub(crate) fn key_of(variable: &str) -> Option<String> {
    let rest = variable.strip_prefix(ENVIRONMENT_PREFIX)?;
    let (section, key) = rest.split_once("__")?;
    Some(format!("{}.{}", section.to_lowercase(), key.to_lowercase()))
}
