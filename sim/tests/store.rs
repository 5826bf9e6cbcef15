//! The memory store passes the suite that every store must pass.

use quorate_sim::MemoryStore;
use quorate_types::conformance::{self, TestStore};
use quorate_types::{ExecutedTip, Persist, StateChanges, Store};

#[derive(Default)]
struct Tested(MemoryStore);

impl TestStore for Tested {
    fn reader(&self) -> &dyn Store {
        &self.0
    }

    fn init_genesis(&mut self, state: &StateChanges, tip: &ExecutedTip) {
        self.0.init_genesis(state, tip);
    }

    fn write(&mut self, list: &[Persist]) {
        for item in list {
            self.0.apply(item).expect("the suite writes in order");
        }
    }

    fn write_beside_snapshot(&mut self, list: &[Persist], look: &mut dyn FnMut(&dyn Store)) {
        let snapshot = self.0.clone();
        self.write(list);
        look(&snapshot);
    }

    fn reopen(&mut self) {}
}

#[test]
fn the_memory_store_conforms() {
    conformance::run(&mut || Box::new(Tested::default()));
}
