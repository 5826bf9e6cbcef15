//! The scripts of a size, one of each class of scripts that are the same but for the names of
//! instances: counted by Burnside's lemma, numbered without storing them.
//!
//! A script is a sequence of views under a group that acts on all of them alike. The least script
//! of a class begins with a view that is the least of its class under the group; what stays of the
//! group is the stabiliser of that view, and the second view is the least of its class under it;
//! and so on. So the number of scripts below each choice is again a count of classes, and a script
//! is found from its number by descending.

use super::scenario::ScriptedView;
use super::symmetry::{Relabelling, partitions, relabellings};

/// How many validators there are, how many of them have a twin, and how many groups a view may
/// divide the instances into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Validators, n.
    pub validators: usize,
    /// Twins, f: validators 0..f run twice.
    pub twins: usize,
    /// Groups of one view, at most.
    pub groups: u8,
}

/// A view of a script as a number: its division, then its primary.
type Code = u16;
/// Elements of the group, by their place in [`Space::images`].
type Subgroup = Vec<u16>;

/// The scripts of a shape, for any number of views.
#[derive(Debug)]
pub struct Space {
    shape: Shape,
    divisions: Vec<Vec<u8>>,
    /// By relabelling, then by code: what the view becomes.
    images: Vec<Vec<Code>>,
    /// By relabelling: how many views it leaves as they are.
    fixed: Vec<u64>,
}

impl Space {
    /// Prepares to count.
    ///
    /// # Panics
    /// When there are fewer validators than twins, or more views than 65 535.
    #[must_use]
    pub fn new(shape: Shape) -> Space {
        let Shape { validators, twins, groups } = shape;
        assert!(twins <= validators, "a twin is a validator");
        let divisions = partitions(validators + twins, groups);
        assert!(Code::try_from(divisions.len() * validators).is_ok(), "codes fit 16 bits");
        let all = relabellings(validators, twins);
        let images: Vec<Vec<Code>> =
            all.iter().map(|by| images_of(by, &divisions, validators)).collect();
        let unmoved = |images: &Vec<Code>| {
            (0..).zip(images).filter(|(code, image)| code == *image).count().try_into().ok()
        };
        let fixed = images.iter().map(|images| unmoved(images).unwrap_or(0)).collect();
        Space { shape, divisions, images, fixed }
    }

    /// The shape.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// How many scripts of `views` views there are up to relabelling: Burnside's lemma.
    #[must_use]
    pub fn count(&self, views: u32) -> u64 {
        self.classes(&self.whole(), views)
    }

    /// The same count by walking over the least scripts of all classes; the last view is counted
    /// as it is found, not visited.
    #[must_use]
    pub fn count_by_walking(&self, views: u32) -> u64 {
        self.walk(&self.whole(), views)
    }

    /// The script of a number below [`Space::count`], in ascending order.
    #[must_use]
    pub fn script(&self, views: u32, index: u64) -> Option<Vec<ScriptedView>> {
        let mut group = self.whole();
        let mut index = (index < self.count(views)).then_some(index)?;
        let mut script = Vec::new();
        for left in (0..views).rev() {
            let mut chosen = None;
            for code in self.least(&group) {
                let stabiliser = self.stabiliser(&group, code);
                let below = self.classes(&stabiliser, left);
                if index < below {
                    chosen = Some((code, stabiliser));
                    break;
                }
                index -= below;
            }
            let (code, stabiliser) = chosen?;
            script.push(self.view(code)?);
            group = stabiliser;
        }
        Some(script)
    }

    /// Any script, for samples where relabelling changes something: `draw` gives a number below
    /// its argument.
    pub fn any_script(&self, views: u32, mut draw: impl FnMut(u64) -> u64) -> Vec<ScriptedView> {
        let codes = self.images.first().map_or(0, Vec::len);
        let codes = u64::try_from(codes).unwrap_or(0);
        let drawn = (0..views).filter_map(|_| u16::try_from(draw(codes)).ok());
        drawn.filter_map(|code| self.view(code)).collect()
    }

    fn whole(&self) -> Subgroup {
        (0..).zip(&self.images).map(|(place, _)| place).collect()
    }

    fn view(&self, code: Code) -> Option<ScriptedView> {
        let (division, primary) = split(code, self.shape.validators)?;
        Some(ScriptedView { groups: self.divisions.get(division)?.clone(), primary })
    }

    fn image(&self, by: u16, code: Code) -> Code {
        let images = self.images.get(usize::from(by));
        images.and_then(|images| images.get(usize::from(code))).copied().unwrap_or(code)
    }

    /// The views that no element of a subgroup makes less.
    fn least<'a>(&'a self, group: &'a Subgroup) -> impl Iterator<Item = Code> + 'a {
        let codes = self.images.first().map_or(0, Vec::len);
        let codes = 0..Code::try_from(codes).unwrap_or(Code::MAX);
        codes.filter(|code| group.iter().all(|by| self.image(*by, *code) >= *code))
    }

    fn stabiliser(&self, group: &Subgroup, code: Code) -> Subgroup {
        group.iter().copied().filter(|by| self.image(*by, code) == code).collect()
    }

    /// Burnside's lemma: the mean number of sequences that an element of the subgroup leaves as
    /// they are.
    fn classes(&self, group: &Subgroup, views: u32) -> u64 {
        let fixed = group.iter().filter_map(|by| self.fixed.get(usize::from(*by)));
        let sum: u64 = fixed.map(|fixed| fixed.pow(views)).sum();
        u64::try_from(group.len()).map_or(0, |order| sum / order)
    }

    fn walk(&self, group: &Subgroup, views: u32) -> u64 {
        let Some(left) = views.checked_sub(1) else { return 1 };
        let below = |code| self.walk(&self.stabiliser(group, code), left);
        self.least(group).map(|code| if left == 0 { 1 } else { below(code) }).sum()
    }
}

fn split(code: Code, validators: usize) -> Option<(usize, usize)> {
    let code = usize::from(code);
    Some((code.checked_div(validators)?, code.checked_rem(validators)?))
}

fn images_of(by: &Relabelling, divisions: &[Vec<u8>], validators: usize) -> Vec<Code> {
    let image = |division: &Vec<u8>| {
        let moved = divisions.binary_search(&by.of_division(division));
        moved.expect("relabelling keeps the number of groups")
    };
    let codes = divisions.iter().map(image).flat_map(|division| {
        (0..validators).map(move |primary| division * validators + by.of_validator(primary))
    });
    codes.map(|code| Code::try_from(code).expect("codes fit 16 bits")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn space(validators: usize, twins: usize, groups: u8) -> Space {
        Space::new(Shape { validators, twins, groups })
    }

    #[test]
    fn counts_are_the_published_ones() {
        let two = space(4, 1, 2);
        assert_eq!([3, 4, 5].map(|v| two.count(v)), [25_740, 1_502_936, 92_545_200]);
        let three = space(4, 1, 3);
        assert_eq!([2, 3, 4].map(|v| three.count(v)), [2_853, 393_812, 61_591_763]);
        let all = space(4, 1, 5);
        assert_eq!([2, 3].map(|v| all.count(v)), [4_695, 812_110]);
        let seven = space(7, 2, 2);
        assert_eq!([2, 3].map(|v| seven.count(v)), [16_125, 11_767_140]);
    }

    #[test]
    fn walking_counts_what_burnside_counts() {
        let cases = [(4, 1, 2, 3), (4, 1, 2, 4), (4, 1, 3, 3), (4, 1, 5, 2), (7, 2, 2, 2)];
        for (validators, twins, groups, views) in cases {
            let space = space(validators, twins, groups);
            assert_eq!(space.count_by_walking(views), space.count(views));
        }
    }

    #[test]
    fn every_class_has_exactly_one_number() {
        let space = space(4, 1, 3);
        let all: Vec<_> = (0..space.count(2)).map(|i| space.script(2, i).unwrap()).collect();
        assert!(all.is_sorted_by(|a, b| a < b), "ascending, so no script has two numbers");
        assert_eq!(space.script(2, space.count(2)), None);
        let codes = space.images.first().unwrap().len();
        let codes = 0..Code::try_from(codes).unwrap();
        let mut least = BTreeSet::new();
        for first in codes.clone() {
            for second in codes.clone() {
                let images = space.whole().into_iter();
                let images =
                    images.map(|by| (space.image(by, first), space.image(by, second))).min();
                least.insert(images.unwrap());
            }
        }
        let views = |(a, b)| vec![space.view(a).unwrap(), space.view(b).unwrap()];
        assert!(all.into_iter().eq(least.into_iter().map(views)));
    }
}
