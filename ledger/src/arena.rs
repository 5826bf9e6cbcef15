//! Slots of one type by a 32-bit index: a freed slot is the first to be used again. Grows in
//! chunks, so that growing never copies what is there and wastes at most one chunk.

/// Slots in a chunk.
const CHUNK: usize = 4_096;

/// Values by index; an index is given out by `insert` and is dead once removed.
#[derive(Clone, Debug)]
pub(crate) struct Arena<T> {
    chunks: Vec<Vec<T>>,
    free: Vec<u32>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Arena { chunks: Vec::new(), free: Vec::new() }
    }
}

impl<T: Copy> Arena<T> {
    pub(crate) fn get(&self, index: u32) -> &T {
        let (chunk, slot) = place(index);
        let chunk = self.chunks.get(chunk).expect("an index comes from insert");
        chunk.get(slot).expect("an index comes from insert")
    }

    pub(crate) fn insert(&mut self, value: T) -> u32 {
        let Some(index) = self.free.pop() else {
            return self.push(value);
        };
        let (chunk, slot) = place(index);
        let chunk = self.chunks.get_mut(chunk).expect("an index comes from insert");
        *chunk.get_mut(slot).expect("an index comes from insert") = value;
        index
    }

    /// Frees slots. The lowest is used again first: what is made together then lies together,
    /// which a tenth of an update's time depends on.
    pub(crate) fn remove_all(&mut self, indices: impl Iterator<Item = u32>) {
        let before = self.free.len();
        self.free.extend(indices);
        if let Some(freed) = self.free.get_mut(before..) {
            freed.sort_unstable_by(|first, second| second.cmp(first));
        }
    }

    /// Slots in use.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.chunks.iter().map(Vec::len).sum::<usize>() - self.free.len()
    }

    fn push(&mut self, value: T) -> u32 {
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::new());
        }
        let before = (self.chunks.len() - 1) * CHUNK;
        let chunk = self.chunks.last_mut().expect("a chunk was just pushed where none had room");
        let index = before + chunk.len();
        chunk.push(value);
        u32::try_from(index).expect("a state of 2^32 nodes does not fit the memory of a node")
    }
}

fn place(index: u32) -> (usize, usize) {
    let index = usize::try_from(index).expect("u32 fits usize");
    (index / CHUNK, index % CHUNK)
}
