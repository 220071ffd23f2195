//! The files of a unit.

/// The files of a unit, and what was kept of those that are new or differ. A large tree has very many:
/// their paths stand in one text.
#[derive(Debug)]
pub(in crate::cli) struct UnitFiles<T> {
    /// One after another.
    paths: String,
    /// Where in that text each path ends.
    ends: Vec<usize>,
    /// The files that are new or differ, by their places in the list.
    written: Vec<(usize, T)>,
}

impl<T> Default for UnitFiles<T> {
    fn default() -> UnitFiles<T> {
        UnitFiles { paths: String::new(), ends: Vec::new(), written: Vec::new() }
    }
}

impl<T> UnitFiles<T> {
    /// Adds a file that is as it was.
    pub(in crate::cli) fn push(&mut self, path: &str) {
        self.paths.push_str(path);
        self.ends.push(self.paths.len());
    }

    /// Adds a file that is new or differs.
    pub(in crate::cli) fn push_written(&mut self, path: &str, kept: T) {
        self.written.push((self.ends.len(), kept));
        self.push(path);
    }

    /// How many there are.
    pub(in crate::cli) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The paths of all of them.
    pub(in crate::cli) fn paths(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|place| self.path(place))
    }

    /// Those that are new or differ.
    pub(in crate::cli) fn written(&self) -> impl ExactSizeIterator<Item = (&str, &T)> {
        self.written.iter().map(|(place, kept)| (self.path(*place), kept))
    }

    /// What was kept of the files that are new or differ, taken out, each with its path.
    pub(in crate::cli) fn take_written(&mut self) -> Vec<(String, T)> {
        let written = std::mem::take(&mut self.written);
        written.into_iter().map(|(place, kept)| (self.path(place).to_owned(), kept)).collect()
    }

    /// Gives back what was set aside for more files.
    pub(in crate::cli) fn shrink(&mut self) {
        self.paths.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.written.shrink_to_fit();
    }

    fn path(&self, place: usize) -> &str {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.paths[start..self.ends[place]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stand_in_the_order_in_which_they_came() {
        let mut files = UnitFiles::default();
        files.push_written("eus/shop/b.yaml", 1);
        files.push("eus/shop/a.yaml");
        files.push_written("recovery/shop.md", 2);
        files.shrink();
        let paths = ["eus/shop/b.yaml", "eus/shop/a.yaml", "recovery/shop.md"];
        assert_eq!(files.paths().collect::<Vec<_>>(), paths);
        assert_eq!(files.len(), 3);
        assert_eq!(files.written().collect::<Vec<_>>(), [(paths[0], &1), (paths[2], &2)]);
        let taken = files.take_written();
        assert_eq!(taken, [(paths[0].to_owned(), 1), (paths[2].to_owned(), 2)]);
        assert_eq!((files.written().len(), files.len()), (0, 3));
    }
}
