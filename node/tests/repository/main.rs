//! Checks of the repository itself: the arrows between crates, the protocol's rules and who cites
//! them, the objective part of the house style, and the Dockerfiles. They read the tree, so they need
//! no crate of it.

mod containers;
mod layering;
mod noticed;
mod rules;
mod sources;
mod style;
