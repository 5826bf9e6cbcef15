//! The worker threads: execution, storage, reading. Each takes what waits, in order, and answers
//! with an input (contract, points 2 and 3). They end when the core drops its sending ends.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use quorate_replica::{Application, Input, Job, JobDone, ReadJob, StoreRequest, run_read};

use super::error::HostError;
use super::priority::{BACKGROUND, EXECUTION, be_nice};
use super::shared::Shared;

/// Store requests that are written together.
const STORE_TOGETHER: usize = 256;

/// The sending ends, and the threads to wait for.
pub(crate) struct Workers {
    pub(crate) jobs: Sender<Job>,
    pub(crate) reads: Sender<ReadJob>,
    pub(crate) stores: Sender<StoreRequest>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    pub(crate) fn start(
        shared: &Arc<Shared>,
        application: Application,
    ) -> Result<Workers, HostError> {
        let (jobs, job_queue) = channel();
        let (reads, read_queue) = channel();
        let (stores, store_queue) = channel();
        let [execute, store, read] = [(); 3].map(|()| Arc::clone(shared));
        let threads = vec![
            spawn("execution", move || run_jobs(&execute, application, &job_queue))?,
            spawn("storage", move || run_stores(&store, &store_queue))?,
            spawn("reader", move || run_reads(&read, &read_queue))?,
        ];
        Ok(Workers { jobs, reads, stores, threads })
    }

    /// Lets every worker finish what it has, and waits for it.
    pub(crate) fn finish(self) {
        let Workers { jobs, reads, stores, threads } = self;
        drop((jobs, reads, stores));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a worker thread ended badly");
            }
        }
    }
}

pub(crate) fn spawn(
    name: &'static str,
    work: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, HostError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|source| HostError::System { what: "cannot start a thread", source })
}

fn run_jobs(shared: &Shared, mut application: Application, queue: &Receiver<Job>) {
    be_nice(EXECUTION);
    for job in queue {
        if let Some(done) = application.run(job, &shared.database) {
            shared.inbox.answer(Input::Done(done));
        }
    }
}

fn run_reads(shared: &Shared, queue: &Receiver<ReadJob>) {
    be_nice(BACKGROUND);
    for job in queue {
        shared.inbox.answer(Input::Done(run_read(job, &shared.database)));
    }
}

/// Writes whatever waits in one batch: under load, one sync serves several requests.
///
/// A failed write reaches the core behind what waits in its inbox, so votes may leave until then. None of
/// them rests on that write: what does is asked for only after its `Stored` (S-2, R-4), this thread says no
/// `Stored` after a failure, and a database whose log failed shows nothing of the batch to a reader. The
/// votes that leave are those that would have left had the write taken longer. The simulator fails
/// writes in the same way (`sim/src/trouble.rs`), before the eyes of the oracles of I-5, I-6 and I-11.
fn run_stores(shared: &Shared, queue: &Receiver<StoreRequest>) {
    be_nice(BACKGROUND);
    while let Ok(first) = queue.recv() {
        let mut items = first.items;
        let mut token = first.token;
        for request in queue.try_iter().take(STORE_TOGETHER) {
            items.extend(request.items);
            token = request.token;
        }
        // Results of execution are computed again when they are lost; nothing else may be.
        let sync = items.iter().any(|item| item.wants_sync());
        match shared.database.write(&items, sync) {
            Ok(()) => shared.inbox.answer(Input::Stored(token)),
            Err(error) => {
                let failed = JobDone::Failed(error.to_string());
                shared.inbox.answer(Input::Done(failed));
                return;
            }
        }
    }
}
