//! `quorate verify`: judges a proof bundle by its bytes, what its owner trusts, and the clock. It
//! asks nobody. What does not hold is refused with the reason, and exit code 1.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use quorate_home::{Audience, FileError, read_file, write_new};
use quorate_light::{
    Anchor, LightError, MAX_BUNDLE_BYTES, ProofBundle, ProvedBundle, Trust, least_trust_ms,
    prove_bundle,
};
use quorate_rpc::model::{Checkpoint, Proved};
use quorate_types::{Canonical, DecodeError, Height, Timestamp};

use crate::cli::Verify;
use crate::commands::genesis;
use crate::failure::{Code, Failure, configuration};
use crate::output::Output;

/// Bytes of a checkpoint's file.
const MAX_CHECKPOINT_BYTES: usize = 4 * 1024;
/// Milliseconds in a second.
const SECOND_MS: u64 = 1_000;

pub fn run(output: Output, flags: &Verify) -> Result<(), Failure> {
    let (trust, least_ms) = trust(flags)?;
    let sealed = read_bundle(&flags.file)?;
    let bundle = ProofBundle::open(&sealed).map_err(|error| damaged(&sealed, error))?;
    let now = now();
    let proved = prove_bundle(&trust, &bundle, now).map_err(|error| refused(&error))?;
    check_fresh(flags, &proved, now)?;
    if let Some(file) = &flags.write_checkpoint {
        let asked = flags.trust_period.map(|seconds| seconds.saturating_mul(SECOND_MS));
        let trust_ms = asked.unwrap_or(least_ms);
        write_checkpoint(file, &Checkpoint::of(&trust, &proved.claim.header, trust_ms))?;
    }
    output.print(&Proved::of(&trust, &bundle, &proved));
    Ok(())
}

/// L-1: what is trusted, and for how long a checkpoint out of it is good unless told.
fn trust(flags: &Verify) -> Result<(Trust, u64), Failure> {
    if let Some(file) = &flags.checkpoint {
        let checkpoint = read_checkpoint(file)?;
        let trust = checkpoint.trust().map_err(configuration)?;
        return Ok((trust, checkpoint.trust_ms));
    }
    let missing = || Failure::new(Code::Usage, "name what is trusted: --genesis or --checkpoint");
    let genesis = genesis::read(flags.genesis.as_deref().ok_or_else(missing)?)?;
    let params = &genesis.document().params;
    let anchor = Anchor::Genesis { validators: genesis.validator_set().clone() };
    let (context, epoch_length) = (genesis.context(), params.epoch_length);
    Ok((Trust { context, epoch_length, anchor }, least_trust_ms(params)))
}

fn read_bundle(file: &Path) -> Result<Vec<u8>, Failure> {
    read_file(file, MAX_BUNDLE_BYTES).map_err(|error| {
        let code =
            if matches!(error, FileError::TooLong { .. }) { Code::Failure } else { Code::Usage };
        Failure::new(code, "no proof to read").because(error)
    })
}

fn nothing_proved() -> Failure {
    Failure::new(Code::Failure, "nothing is proved")
}

fn refused(error: &LightError) -> Failure {
    nothing_proved().because(error)
}

/// A seal cannot tell what has happened to the bytes; where they end early that is the likely thing.
fn damaged(sealed: &[u8], error: DecodeError) -> Failure {
    let failure = refused(&LightError::Malformed(error));
    match ProofBundle::from_bytes(sealed) {
        Err(DecodeError::Truncated { .. }) => {
            failure.hint("the file ends early: it was cut short, or a length in it is damaged")
        }
        Ok(_) | Err(_) => failure.hint("the file is damaged, or no proof at all"),
    }
}

/// L-6: a proof may be true and old; how new it has to be is for its reader to say.
fn check_fresh(flags: &Verify, proved: &ProvedBundle, now: Timestamp) -> Result<(), Failure> {
    let height = proved.claim.height;
    if let Some(least) = flags.min_height.map(Height).filter(|least| height < *least) {
        let reason = format!("it is of height {height}, and one of {least} or above is asked for");
        return Err(Failure::new(Code::Failure, "the proof is too old").because(reason));
    }
    let age_ms = now.0.saturating_sub(proved.claim.header.time.0);
    let most_ms = flags.max_age.map(|seconds| seconds.saturating_mul(SECOND_MS));
    if let Some(most_ms) = most_ms.filter(|most_ms| age_ms > *most_ms) {
        let reason =
            format!("its header is {age_ms} ms old, and {most_ms} ms at most are asked for");
        return Err(Failure::new(Code::Failure, "the proof is too old").because(reason));
    }
    Ok(())
}

/// A checkpoint that somebody has written, by `verify` or by hand.
pub fn read_checkpoint(file: &Path) -> Result<Checkpoint, Failure> {
    let wrong = |error: String| {
        Failure::new(Code::Usage, format!("{} is no checkpoint", file.display())).because(error)
    };
    let bytes = read_file(file, MAX_CHECKPOINT_BYTES).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))
}

/// Takes the place of an older checkpoint of the same chain, and of nothing else.
fn write_checkpoint(file: &Path, checkpoint: &Checkpoint) -> Result<(), Failure> {
    let text = format!("{:#}\n", serde_json::json!(checkpoint));
    if !file.exists() {
        return write_new(file, text.as_bytes(), Audience::Everyone).map_err(configuration);
    }
    if read_checkpoint(file)?.genesis_hash != checkpoint.genesis_hash {
        return Err(configuration(format!("{} is of another chain", file.display())));
    }
    let beside = file.with_extension("new");
    write_new(&beside, text.as_bytes(), Audience::Everyone).map_err(configuration)?;
    std::fs::rename(&beside, file)
        .map_err(|error| configuration(format!("{}: {error}", file.display())))
}

fn now() -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}
