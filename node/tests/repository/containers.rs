//! The two Dockerfiles differ in where the binary comes from, and in nothing else.

use std::fs;

use crate::sources::root;

/// From this line on the files are the same.
const MARK: &str = "# ---- the image itself";

#[test]
fn both_dockerfiles_make_the_same_image() {
    let tail = |name: &str| {
        let text = fs::read_to_string(root().join("testnet").join(name)).expect("it is there");
        let at = text.find(MARK).expect("the mark is there");
        text.split_at(at).1.to_owned()
    };
    assert_eq!(tail("Dockerfile"), tail("Dockerfile.local"));
}
