//! Twins (Bano and others, "Twins: BFT Systems Made Robust"): some validators run twice with one
//! key, honest code each, while a script says view by view who can talk to whom and whose turn it
//! is. All scripts of a size are tried, one of each class of those that differ in names only. The
//! machine under test is the real one, with real keys and the guard of the sign-state, on virtual
//! time; the application and the store around it are small and stand here.
//!
//! After the script all links work, and ten more heights have to be decided in time. The oracles
//! are the simulator's.

mod answer;
mod application;
mod evidence;
mod instance;
mod judge;
mod lab;
mod mutation;
mod play;
mod row;
mod scenario;
mod script;
mod space;
mod stage;
mod symmetry;

pub(crate) use instance::Instance;
pub(crate) use judge::Judge;
pub(crate) use lab::GENESIS_MS;
pub use lab::Lab;
pub use play::{Outcome, play};
pub use row::{Row, Tally};
pub use scenario::{Crash, CrashPoint, Cut, Scenario, ScriptedView};
pub use space::{Shape, Space};
