//! What a block is executed in, beside the state below it.

use quorate_types::{ChainContext, Epochs};

/// What a block is executed in, beside the state below it.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The chain.
    pub context: &'a ChainContext,
    /// The epochs of the height below the block and of the two above that.
    pub epochs: &'a Epochs,
}
