//! The target `evidence`; what it checks is in `sim/src/fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    quorate_sim::fuzzing::check("evidence", bytes);
});
