//! The vectors and tables of docs/wire-format.md.

use quorate_crypto::Domain;
use quorate_types::{domains, limits};

use super::files;

const BEGIN: &str = "<!-- vector: ";
const END: &str = "<!-- end of vector -->\n";

/// The page with every vector as the code yields it.
pub fn render(page: &str) -> Result<String, String> {
    let mut rendered = String::new();
    let mut rest = page;
    while let Some((before, marked)) = rest.split_once(BEGIN) {
        let (name, marked) = marked.split_once(" -->\n").ok_or("a marker without an end")?;
        let (_, after) = marked.split_once(END).ok_or(format!("{name}: no end"))?;
        let table = table(name)?;
        rendered += &format!("{before}{BEGIN}{name} -->\n\n{table}\n{END}");
        rest = after;
    }
    Ok(rendered + rest)
}

fn table(name: &str) -> Result<String, String> {
    let (file, vector) = name.split_once(" / ").ok_or(format!("{name}: no file"))?;
    let found = files().into_iter().find(|vectors| vectors.file == file);
    let entries = found.ok_or(format!("{name}: no such file"))?.entries;
    let entry = entries.iter().find(|entry| entry.name() == vector);
    Ok(entry.ok_or(format!("{name}: no such vector"))?.to_markdown())
}

/// The first column of every table row, where it is code: contexts are separated by commas.
pub fn contexts(page: &str) -> Vec<&str> {
    let (_, table) = page.split_once("\n| context |").expect("the table of contexts");
    let (table, _) = table.split_once("\n\n").expect("it ends");
    let cells = table.lines().skip(2).filter_map(|row| row.split('|').nth(1));
    let quoted = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    quoted.collect()
}

/// Every domain of this workspace's types.
pub fn domains() -> Vec<Domain> {
    vec![
        domains::ADDRESS,
        domains::TRANSACTION_SIGNING,
        domains::TRANSACTION_ID,
        domains::RECEIPT,
        domains::STATEMENT,
        domains::CERTIFICATE,
        domains::VALIDATOR_SET,
        domains::HEADER,
        domains::EVIDENCE,
        domains::EVIDENCE_LIST,
        domains::REJOIN,
        domains::JUSTIFICATION,
        domains::GENESIS,
        domains::EPOCH_SEED,
        domains::PRIMARIES,
        domains::SIGN_RECORD,
    ]
}

/// The limits that the page names.
pub fn limits() -> Vec<(&'static str, usize)> {
    vec![
        ("MAX_TRANSACTION_BYTES", limits::MAX_TRANSACTION_BYTES),
        ("MAX_MEMO_BYTES", limits::MAX_MEMO_BYTES),
        ("MAX_SIGNERS", limits::MAX_SIGNERS),
        ("MAX_ACTIONS", limits::MAX_ACTIONS),
        ("MAX_RECORD_KEY_BYTES", limits::MAX_RECORD_KEY_BYTES),
        ("MAX_RECORD_VALUE_BYTES", limits::MAX_RECORD_VALUE_BYTES),
        ("MAX_CHAIN_ID_BYTES", limits::MAX_CHAIN_ID_BYTES),
        ("MAX_VALIDATORS", limits::MAX_VALIDATORS),
        ("MAX_BLOCK_TRANSACTIONS", limits::MAX_BLOCK_TRANSACTIONS),
        ("MAX_MERKLE_SIBLINGS", limits::MAX_MERKLE_SIBLINGS),
        ("MAX_BLOCK_BYTES", limits::MAX_BLOCK_BYTES),
        ("MAX_EVENTS", limits::MAX_EVENTS),
        ("MAX_CONSENSUS_MESSAGE_BYTES", limits::MAX_CONSENSUS_MESSAGE_BYTES),
        ("MAX_TRANSACTION_BATCH_BYTES", limits::MAX_TRANSACTION_BATCH_BYTES),
        ("MAX_TRANSACTION_BATCH", limits::MAX_TRANSACTION_BATCH),
        ("MAX_FETCH_BLOCKS", limits::MAX_FETCH_BLOCKS),
        ("MAX_FETCH_ANSWER_BYTES", limits::MAX_FETCH_ANSWER_BYTES),
        ("MAX_BLOCK_EVIDENCE", limits::MAX_BLOCK_EVIDENCE),
        ("MAX_BLOCK_REJOINS", limits::MAX_BLOCK_REJOINS),
        ("MAX_FETCH_STATEMENTS", limits::MAX_FETCH_STATEMENTS),
        ("MAX_SMALL_MESSAGE_BYTES", limits::MAX_SMALL_MESSAGE_BYTES),
    ]
}
