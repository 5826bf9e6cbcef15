//! How fast virtual time runs: four idle validators without faults, and a run of a seed with all of
//! them. One core; elements are heights, so the rate is heights per second.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use quorate_sim::{Faults, Options, World, run};

/// An idle chain makes a block every two seconds of virtual time.
const IDLE_HEIGHTS: u64 = 100;
const IDLE_US: u64 = IDLE_HEIGHTS * 2_000_000;

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("simulator");
    group.sample_size(10);
    let idle = Options {
        validators: Some(4),
        full_nodes: Some(0),
        faults: Faults::none(),
        workload: false,
        ..Options::default()
    };
    group.throughput(Throughput::Elements(IDLE_HEIGHTS));
    group.bench_function("four idle validators", |bencher| {
        bencher.iter(|| {
            let mut world = World::new(&idle, 1);
            world.run_for(IDLE_US);
            assert!(world.report().height + 2 >= IDLE_HEIGHTS);
        });
    });
    let options = Options::default();
    group.throughput(Throughput::Elements(options.heights));
    group.bench_function("ten seeds with faults, each", |bencher| {
        let mut seed = 0;
        bencher.iter(|| {
            seed = (seed + 1) % 10;
            assert!(run(&options, seed).is_ok());
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
