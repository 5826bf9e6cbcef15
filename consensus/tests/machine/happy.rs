//! Nothing goes wrong.

use crate::net::Net;
use crate::world::World;

#[test]
fn every_size_decides_ten_heights() {
    for n in [1, 2, 3, 4, 7] {
        let mut net = Net::new(World::equal(n));
        let took = net.run_to(10, 1_000);
        assert!(took <= 10 * 25, "{n} validators: {took} ms for ten heights");
        assert_eq!(net.highest_view(), 0);
    }
}
