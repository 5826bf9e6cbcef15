//! Compiles the wire messages; needs no protobuf compiler on the machine.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=proto/wire.proto");
    let descriptors = protox::compile(["proto/wire.proto"], ["proto"])?;
    prost_build::compile_fds(descriptors)?;
    Ok(())
}
