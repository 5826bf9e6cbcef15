//! `quorate sim`: one run of the deterministic simulator, with its account.

use std::process::ExitCode;

use quorate_sim::{MAX_FULL_NODES, MAX_VALIDATORS, Options, Report};
use serde_json::{Value, json};

use crate::cli::Sim;
use crate::failure::{Code, Failure};
use crate::output::Output;

pub fn run(output: Output, flags: &Sim) -> Result<ExitCode, Failure> {
    let report = quorate_sim::run(&options(flags)?, flags.seed);
    match output {
        Output::Text => println!("{report}"),
        Output::Json => output.print(&value(&report)),
    }
    Ok(if report.is_ok() { ExitCode::SUCCESS } else { Code::Failure.into() })
}

fn options(flags: &Sim) -> Result<Options, Failure> {
    let usage = |error: String| Failure::new(Code::Usage, error);
    let validators = flags.validators.unwrap_or(1);
    let full_nodes = flags.full_nodes.unwrap_or(0);
    if !(1..=MAX_VALIDATORS).contains(&validators) || full_nodes > MAX_FULL_NODES {
        let error =
            format!("1 to {MAX_VALIDATORS} validators, at most {MAX_FULL_NODES} full nodes");
        return Err(usage(error));
    }
    Ok(Options {
        validators: flags.validators,
        full_nodes: flags.full_nodes,
        heights: flags.heights,
        faults: flags.faults.parse().map_err(|error| usage(format!("--faults: {error}")))?,
        byzantine: flags
            .byzantine
            .parse()
            .map_err(|error| usage(format!("--byzantine: {error}")))?,
        workload: !flags.no_workload,
        equal_power: flags.equal_power,
        churn: flags
            .churn
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(|error| usage(format!("--churn: {error}")))?,
    })
}

fn value(report: &Report) -> Value {
    json!({
        "seed": report.seed,
        "options": report.options.to_string(),
        "trace": report.trace.to_string(),
        "events": report.events,
        "virtual_ms": report.virtual_ms,
        "height": report.height,
        "highest_view": report.highest_view,
        "transactions": report.transactions,
        "violation": report.violation.as_ref().map(ToString::to_string),
    })
}
