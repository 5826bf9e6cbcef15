//! Which process listens at a port, for the message about a taken one. Linux tells it in `/proc`:
//! the sockets with their inodes, and each process's open files. What cannot be read (another
//! user's process, another system) stays unknown.

use std::fs;
use std::net::SocketAddr;

/// The state of a listening socket in `/proc/net/tcp`.
const LISTEN: &str = "0A";

/// "by process 4711 (quorate)", or "by another process".
pub(crate) fn describe(address: SocketAddr) -> String {
    match holder_of(address.port()) {
        Some((id, name)) => format!("by process {id} ({name})"),
        None => "by another process".to_owned(),
    }
}

fn holder_of(port: u16) -> Option<(u32, String)> {
    let inodes: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listening_inodes(&table, port))
        .collect();
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let id = ids.into_iter().find(|id| holds_any(*id, &inodes))?;
    let name = fs::read_to_string(format!("/proc/{id}/comm")).ok()?;
    Some((id, name.trim().to_owned()))
}

/// The inodes of sockets that listen at a port, out of the text of a table: the second field is
/// `address:port` in hex, the fourth the state, the tenth the inode.
fn listening_inodes(table: &str, port: u16) -> Vec<String> {
    let suffix = format!(":{port:04X}");
    let listens = |line: &&str| {
        let mut fields = line.split_whitespace();
        let local = fields.nth(1).is_some_and(|local| local.ends_with(&suffix));
        local && fields.nth(1) == Some(LISTEN)
    };
    let inode = |line: &str| line.split_whitespace().nth(9).map(str::to_owned);
    table.lines().filter(listens).filter_map(inode).collect()
}

fn holds_any(id: u32, inodes: &[String]) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{id}/fd")) else {
        return false;
    };
    let links = files.flatten().filter_map(|file| fs::read_link(file.path()).ok());
    links.into_iter().any(|link| {
        let link = link.to_string_lossy().into_owned();
        let inode = link.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']'));
        inode.is_some_and(|inode| inodes.iter().any(|known| known == inode))
    })
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn the_listening_process_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let words = describe(address);
        assert!(words.contains(&format!("process {} ", std::process::id())), "{words}");
        drop(listener);
        assert_eq!(describe(address), "by another process");
    }

    #[test]
    fn only_listeners_at_the_port_count() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   \
                     uid  timeout inode\n   0: 0100007F:6C09 00000000:0000 0A 00000000:00000000 \
                     00:00000000 00000000     0        0 4242 1\n   1: 0100007F:6C09 0100007F:1234 \
                     01 00000000:00000000 00:00000000 00000000     0        0 4343 1\n   2: \
                     0100007F:1111 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0 \
                     0 4444 1\n";
        assert_eq!(listening_inodes(table, 27_657), ["4242"]);
    }
}
