//! The flags of the `quorate tx` commands about validators and stake.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use quorate_types::WHOLE_BPS;

use super::tx::Sending;

/// Everything that a sender does with stake.
#[derive(Debug, Subcommand)]
pub enum StakeCommand {
    /// Become the operator of a validator, with a bond.
    Register {
        #[command(flatten)]
        register: Register,
        #[command(flatten)]
        sending: Sending,
    },
    /// Change the name or the commission of the sender's validator.
    EditValidator {
        #[command(flatten)]
        edit: Edit,
        #[command(flatten)]
        sending: Sending,
    },
    /// Give the sender's validator another consensus key.
    RotateKey {
        /// The new key's file.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// The first epoch with it; the next one whose set is not yet chosen unless told.
        #[arg(long, value_name = "EPOCH", default_value_t = 0, hide_default_value = true)]
        from_epoch: u64,
        #[command(flatten)]
        sending: Sending,
    },
    /// Bond more with the sender's own validator.
    Bond {
        /// How much, in base units.
        amount: u64,
        #[command(flatten)]
        sending: Sending,
    },
    /// Bond with another's validator.
    Delegate {
        /// The operator's address.
        validator: String,
        /// How much, in base units.
        amount: u64,
        #[command(flatten)]
        sending: Sending,
    },
    /// Take bonded stake back: it is paid out after the unbonding period.
    #[command(allow_missing_positional = true)]
    Unbond {
        /// The operator's address; the sender's own validator unless told.
        validator: Option<String>,
        /// How much, in base units.
        amount: u64,
        #[command(flatten)]
        sending: Sending,
    },
    /// Move bonded stake from one validator to another, at once.
    Redelegate {
        /// The address of the operator whom it leaves.
        #[arg(value_name = "FROM")]
        former: String,
        /// The address of the operator to whom it goes.
        #[arg(value_name = "TO")]
        latter: String,
        /// How much, in base units.
        amount: u64,
        #[command(flatten)]
        sending: Sending,
    },
    /// Have rewards paid out, and commission if the validator is the sender's.
    Withdraw {
        /// The operator's address; the sender's own validator unless told.
        validator: Option<String>,
        #[command(flatten)]
        sending: Sending,
    },
    /// Release the sender's validator from jail.
    Unjail {
        #[command(flatten)]
        sending: Sending,
    },
}

#[derive(Debug, Args)]
pub struct Register {
    /// The consensus key's file; that of the home unless told.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// The name that it shows.
    #[arg(long, default_value = "")]
    pub moniker: String,
    /// The operator's part of its rewards: percent with up to two decimals, like 10% or 2.5%.
    #[arg(long, value_name = "PERCENT", value_parser = parse_commission)]
    pub commission: u16,
    /// What to bond, in base units.
    #[arg(long, value_name = "AMOUNT")]
    pub bond: u64,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Edit {
    /// The name that it shows; the present one unless told.
    #[arg(long)]
    pub moniker: Option<String>,
    /// The operator's part of its rewards from the next epoch on; the present one unless told.
    #[arg(long, value_name = "PERCENT", value_parser = parse_commission)]
    pub commission: Option<u16>,
}

/// Basis points out of percent.
pub(crate) fn parse_commission(text: &str) -> Result<u16, String> {
    let read = || {
        let number = text.strip_suffix('%')?;
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 2 {
            return None;
        }
        let whole: u16 = whole.parse().ok()?;
        let part: u16 = format!("{part:0<2}").parse().ok()?;
        whole.checked_mul(100)?.checked_add(part).filter(|bps| *bps <= WHOLE_BPS)
    };
    read().ok_or_else(|| "0% to 100% with up to two decimals is expected, like 2.5%".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commission_is_percent_with_two_decimals() {
        for (text, bps) in [("10%", 1_000), ("0%", 0), ("100%", 10_000), ("2.5%", 250)] {
            assert_eq!(parse_commission(text), Ok(bps), "{text}");
        }
        assert_eq!(parse_commission("0.01%"), Ok(1));
        assert_eq!(parse_commission("100.00%"), Ok(10_000));
        for text in
            ["", "%", "10", "10 %", "-1%", "+1%", "100.01%", "1.234%", "1.%", ".5%", "1e1%", "700%"]
        {
            assert!(parse_commission(text).is_err(), "{text:?}");
        }
    }
}
