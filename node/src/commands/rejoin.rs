//! `quorate rejoin`: the operator's word that a key which has lost its records signs again (S-5). It
//! is for networks in which so many observe that no block can be decided that would let them in.

use quorate_genesis::Genesis;
use quorate_home::{Home, HomeLock, KeyFile, KeyKind};
use quorate_storage::{LostSignState, SignStateError, SignStateFile};
use quorate_types::{Height, SignRecord};

use crate::cli::Rejoin;
use crate::failure::{Code, Failure, configuration};
use crate::host::{HostError, read_genesis};

/// Makes the sign-state of a stopped node anew, with a guard at the height that the operator names.
pub fn run(home: &Home, flags: &Rejoin) -> Result<(), Failure> {
    let above = Height(flags.above);
    if !flags.yes {
        return Err(Failure::new(Code::Usage, risk(above)).hint("repeat it with --yes"));
    }
    let genesis = read_genesis(home)?;
    let _lock = HomeLock::take(home).map_err(HostError::from)?;
    let key = KeyFile::read(&home.validator_key(), KeyKind::Validator).map_err(configuration)?;
    write(home, &genesis, &key, above)?;
    println!("the key signs above height {above} from the next start on");
    Ok(())
}

fn risk(above: Height) -> String {
    format!(
        "if this key has signed anything above height {above}, or still runs elsewhere, it will sign \
         a second time: its stake is lost, and with others' the chain may fork. Name a height that no \
         node of the network has reached with this key: the highest of all nodes, and some more"
    )
}

fn write(home: &Home, genesis: &Genesis, key: &KeyFile, above: Height) -> Result<(), Failure> {
    let (folder, context) = (home.sign_state(), genesis.context());
    let public = key.validator_key().public();
    let anew = SignRecord::rejoined(above);
    match SignStateFile::open(&folder, &context, &public) {
        Ok((mut file, record)) => {
            check(&record, above)?;
            file.write(&anew).map_err(HostError::from)?;
        }
        Err(SignStateError::Missing(_) | SignStateError::Unreadable { .. }) => {
            let mut lost =
                LostSignState::hold(&folder, &context, &public).map_err(HostError::from)?;
            lost.make(&anew).map_err(HostError::from)?;
        }
        Err(error) => return Err(HostError::from(error).into()),
    }
    Ok(())
}

/// Intact records need no word, and no word goes below what they say.
fn check(record: &SignRecord, above: Height) -> Result<(), Failure> {
    if !record.observing {
        let error = "the sign-state is there and marks no loss: the node signs as it is";
        return Err(Failure::new(Code::Configuration, error));
    }
    match record.guard.map(|guard| guard.height).filter(|signed| *signed > above) {
        None => Ok(()),
        Some(signed) => {
            let error = format!("the key has signed at height {signed}, which is above {above}");
            Err(Failure::new(Code::Configuration, error).hint("name that height or a higher one"))
        }
    }
}
