//! What `testnet up` shows people: the first screen, and how a node ended.

use crate::layout::{Account, Layout};
use crate::processes::Ended;
use crate::spec::Spec;

/// Accounts that the first screen lists.
const MAX_LISTED: usize = 10;

/// The first screen: the network, the accounts with a warning, the nodes, a command to try.
pub(crate) fn first_screen(spec: &Spec, layout: &Layout) -> String {
    let n = spec.validators;
    // Equal power: more than two thirds of all, and what may be faulty beside that.
    let (quorum, f) = (n * 2 / 3 + 1, (n - 1) / 3);
    let mut text = format!(
        "{}: {n} validators, f = {f}, quorum {quorum} of {n}; genesis {}\n\n",
        layout.chain_id, layout.genesis_hash
    );
    text.push_str("Funded accounts. Their keys are published: anyone can spend what they own.\n");
    let rows = layout.accounts.iter().take(MAX_LISTED).map(|account| {
        let Account { name, address, key_file, balance } = account;
        [name.clone(), address.clone(), balance.clone(), key_file.display().to_string()]
    });
    text.push_str(&columns(&rows.collect::<Vec<_>>()));
    if let Some(more) = layout.accounts.len().checked_sub(MAX_LISTED).filter(|more| *more > 0) {
        text.push_str(&format!("  and {more} more beside them\n"));
    }
    text.push_str("\nNodes\n");
    let rows = layout
        .nodes
        .iter()
        .map(|node| [node.name.clone(), node.rpc.clone(), node.metrics.clone(), node.p2p.clone()]);
    text.push_str(&columns(&rows.collect::<Vec<_>>()));
    text.push_str(&to_try(layout).unwrap_or_default());
    text
}

fn to_try(layout: &Layout) -> Option<String> {
    let from = layout.accounts.first()?.key_file.display();
    let to = &layout.accounts.last()?.address;
    let node = &layout.nodes.first()?.rpc;
    Some(format!(
        "\nTry\n  quorate tx transfer --from {from} --to {to} --amount 1 --wait final --node {node}\n"
    ))
}

/// Rows with aligned columns, indented.
fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let width = rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
            text.push_str(&format!("  {cell:<width$}"));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// What is said when a node has ended by itself.
pub(crate) fn ended(ended: &Ended) -> String {
    let Ended { node, status, .. } = ended;
    let home = node.home.display();
    format!(
        "{} ended ({status}) and stays down; bring it back with: quorate start --home {home}",
        node.name
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Node;
    use crate::spec::{Hosts, local_params};

    #[test]
    fn the_first_screen_says_what_a_newcomer_needs() {
        let account = |index: usize| Account {
            name: format!("acc{index}"),
            address: format!("quo1{index}"),
            key_file: format!("/net/acc{index}.key").into(),
            balance: String::from("5"),
        };
        let node = Node {
            name: String::from("val0"),
            pid: Some(7),
            home: "/net/val0".into(),
            rpc: String::from("http://127.0.0.1:1"),
            p2p: String::from("/ip4/127.0.0.1/tcp/2/p2p/x"),
            metrics: String::from("http://127.0.0.1:3/metrics"),
        };
        let layout = Layout {
            chain_id: String::from("local-test"),
            genesis_hash: String::from("0x1"),
            nodes: vec![node],
            accounts: (0..12).map(account).collect(),
        };
        let spec = Spec {
            chain_id: "local-test".parse().unwrap(),
            validators: 4,
            full_nodes: 0,
            accounts: 12,
            params: local_params(),
            hosts: Hosts::Loopback,
            folder: "/net".into(),
        };
        let text = first_screen(&spec, &layout);
        assert!(text.starts_with("local-test: 4 validators, f = 1, quorum 3 of 4;"), "{text}");
        assert!(text.contains("anyone can spend"), "{text}");
        assert!(text.contains("  acc9  quo19  5  /net/acc9.key\n  and 2 more"), "{text}");
        assert!(text.contains("  val0  http://127.0.0.1:1  "), "{text}");
        assert!(text.contains("--from /net/acc0.key --to quo111 --amount 1"), "{text}");
        for (n, f, quorum) in [(1, 0, 1), (3, 0, 3), (6, 1, 5), (7, 2, 5), (64, 21, 43)] {
            let text = first_screen(&Spec { validators: n, ..spec.clone() }, &layout);
            assert!(text.contains(&format!("f = {f}, quorum {quorum} of {n};")), "{text}");
        }
    }
}
