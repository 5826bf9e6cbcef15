//! What a sender does with validators and stake, as actions. A proof of possession is made here, by
//! the consensus key, for the chain that the node is on.

use std::path::Path;

use quorate_home::{Home, KeyFile, KeyKind, check_plain_key};
use quorate_rpc::Client;
use quorate_storage::{SignStateError, SignStateFile};
use quorate_types::{
    Action, Address, Amount, ChainContext, Epoch, Moniker, Registration, StakeMove,
    prove_possession,
};

use crate::cli::{Edit, Register, Sending, StakeCommand};
use crate::commands::query::parse_address;
use crate::failure::{Code, Failure, configuration};
use crate::host::{HostError, read_genesis};

/// For whom actions are made, and with whose help.
pub struct Maker<'a> {
    pub home: &'a Home,
    pub client: &'a Client,
    pub context: &'a ChainContext,
    pub sender: Address,
}

/// A command about stake without what every transaction has.
pub enum StakeAction {
    Ready(Action),
    Register(Register),
    Edit(Edit),
    Rotate {
        key: std::path::PathBuf,
        from: Epoch,
    },
    /// To the sender's own validator.
    Bond(Amount),
    Unbond(Option<Address>, Amount),
    Withdraw(Option<Address>),
}

impl StakeAction {
    /// Takes a command apart, and reads the addresses in it.
    pub fn of(command: StakeCommand) -> Result<(StakeAction, Sending), Failure> {
        let address = |text: Option<String>| text.as_deref().map(parse_address).transpose();
        Ok(match command {
            StakeCommand::Register { register, sending } => {
                (StakeAction::Register(register), sending)
            }
            StakeCommand::EditValidator { edit, sending } => (StakeAction::Edit(edit), sending),
            StakeCommand::RotateKey { key, from_epoch, sending } => {
                (StakeAction::Rotate { key, from: Epoch(from_epoch) }, sending)
            }
            StakeCommand::Bond { amount, sending } => (StakeAction::Bond(Amount(amount)), sending),
            StakeCommand::Delegate { validator, amount, sending } => {
                let stake =
                    StakeMove { validator: parse_address(&validator)?, amount: Amount(amount) };
                (StakeAction::Ready(Action::Delegate(stake)), sending)
            }
            StakeCommand::Unbond { validator, amount, sending } => {
                (StakeAction::Unbond(address(validator)?, Amount(amount)), sending)
            }
            StakeCommand::Redelegate { former, latter, amount, sending } => {
                let (from, to) = (parse_address(&former)?, parse_address(&latter)?);
                let action = Action::Redelegate { from, to, amount: Amount(amount) };
                (StakeAction::Ready(action), sending)
            }
            StakeCommand::Withdraw { validator, sending } => {
                (StakeAction::Withdraw(address(validator)?), sending)
            }
            StakeCommand::Unjail { sending } => (StakeAction::Ready(Action::Unjail), sending),
        })
    }

    /// The action, now that the sender and the chain are known.
    pub async fn make(self, maker: &Maker<'_>) -> Result<Action, Failure> {
        let own = |validator: Option<Address>| validator.unwrap_or(maker.sender);
        Ok(match self {
            StakeAction::Ready(action) => action,
            StakeAction::Register(flags) => maker.register(&flags)?,
            StakeAction::Edit(flags) => maker.edit(flags).await?,
            StakeAction::Rotate { key, from } => maker.rotate(&key, from)?,
            StakeAction::Bond(amount) => {
                Action::Delegate(StakeMove { validator: maker.sender, amount })
            }
            StakeAction::Unbond(validator, amount) => {
                Action::Unbond(StakeMove { validator: own(validator), amount })
            }
            StakeAction::Withdraw(validator) => {
                Action::WithdrawRewards { validator: own(validator) }
            }
        })
    }
}

impl Maker<'_> {
    fn register(&self, flags: &Register) -> Result<Action, Failure> {
        let key = match &flags.key {
            Some(file) => self.consensus_key(file)?,
            None => self.key_of_home()?,
        };
        let secret = key.validator_key();
        Ok(Action::RegisterValidator(Box::new(Registration {
            key: *secret.public().as_bytes(),
            proof: prove_possession(self.context, &self.sender, &secret),
            moniker: moniker(flags.moniker.clone())?,
            commission_bps: flags.commission,
            bond: Amount(flags.bond),
        })))
    }

    /// What is not told stays as it is.
    async fn edit(&self, flags: Edit) -> Result<Action, Failure> {
        let (name, commission_bps) = match (flags.moniker, flags.commission) {
            (Some(name), Some(commission)) => (name, commission),
            (name, commission) => {
                let present = self.client.validator(self.sender, None).await?.value;
                let commission = commission.unwrap_or(present.next_commission_bps);
                (name.unwrap_or(present.moniker), commission)
            }
        };
        Ok(Action::EditValidator { moniker: moniker(name)?, commission_bps })
    }

    fn rotate(&self, file: &Path, from: Epoch) -> Result<Action, Failure> {
        let secret = self.consensus_key(file)?.validator_key();
        let key = *secret.public().as_bytes();
        let proof = prove_possession(self.context, &self.sender, &secret);
        Ok(Action::RotateKey { key, proof, from })
    }

    fn consensus_key(&self, file: &Path) -> Result<KeyFile, Failure> {
        check_plain_key(file, &self.context.chain_id).map_err(configuration)?;
        KeyFile::read(file, KeyKind::Validator).map_err(configuration)
    }

    /// The home's key, if all that the home has is of the node's chain: else the key would be
    /// registered where its records do not guard it.
    fn key_of_home(&self) -> Result<KeyFile, Failure> {
        let genesis = read_genesis(self.home)?;
        let (own, nodes) = (genesis.context().genesis_hash, self.context.genesis_hash);
        if own != nodes {
            let folder = self.home.root().display();
            let error = format!("the home {folder} belongs to another chain than the node");
            return Err(Failure::new(Code::Configuration, error)
                .because(format!("its genesis hash is {own}, the node's {nodes}"))
                .hint("--home names the home to register, --node a node of its chain"));
        }
        let key = self.consensus_key(&self.home.validator_key())?;
        let public = key.validator_key().public();
        match SignStateFile::open(&self.home.sign_state(), self.context, &public) {
            // A node that has it open has checked it.
            Ok(_) | Err(SignStateError::Locked { .. }) => Ok(key),
            Err(error) => Err(HostError::from(error).into()),
        }
    }
}

fn moniker(text: String) -> Result<Moniker, Failure> {
    Moniker::new(text).map_err(|error| {
        Failure::new(Code::Usage, "the moniker is none").because(error).hint("--moniker names it")
    })
}
