//! The files of a unit.

/// The files of a unit, and what was kept of those that are new or differ. A large tree has very many:
/// their paths stand in one text.
#[derive(Debug)]
pub(in crate::cli) struct UnitFiles<T> {
    /// Each with [`END`] behind it.
    paths: String,
    /// How many.
    count: u32,
    /// The files that are new or differ, by their places in the list.
    written: Vec<(u32, T)>,
}

/// No path has it.
const END: char = '\0';

impl<T> Default for UnitFiles<T> {
    fn default() -> UnitFiles<T> {
        UnitFiles { paths: String::new(), count: 0, written: Vec::new() }
    }
}

impl<T> UnitFiles<T> {
    /// Adds a file, of which something was `kept` if it is new or differs.
    pub(in crate::cli) fn add(&mut self, path: &str, kept: Option<T>) {
        self.written.extend(kept.map(|kept| (self.count, kept)));
        self.push(path);
    }

    /// Adds a file that is as it was.
    pub(in crate::cli) fn push(&mut self, path: &str) {
        self.paths.push_str(path);
        self.paths.push(END);
        self.count += 1;
    }

    /// The same files in the order of their paths.
    pub(in crate::cli) fn sorted(mut self) -> UnitFiles<T> {
        let mut written = std::mem::take(&mut self.written).into_iter().peekable();
        let mut files: Vec<(&str, Option<T>)> = (self.paths().zip(0..))
            .map(|(path, place)| (path, written.next_if(|(of, _)| *of == place).map(|it| it.1)))
            .collect();
        files.sort_unstable_by_key(|(path, _)| *path);
        let mut sorted = UnitFiles::default();
        sorted.paths.reserve_exact(self.paths.len());
        files.into_iter().for_each(|(path, kept)| sorted.add(path, kept));
        sorted
    }

    /// How many there are.
    pub(in crate::cli) fn len(&self) -> usize {
        self.count as usize
    }

    /// The paths of all of them.
    pub(in crate::cli) fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.split_terminator(END)
    }

    /// Those that are new or differ.
    pub(in crate::cli) fn written(&self) -> impl ExactSizeIterator<Item = (&str, &T)> {
        let mut paths = self.paths().zip(0..);
        self.written.iter().map(move |(place, kept)| {
            let path = paths.find(|(_, of)| of == place);
            (path.expect("every place has a path").0, kept)
        })
    }

    /// What was kept of the files that are new or differ, taken out, each with its path.
    pub(in crate::cli) fn take_written(&mut self) -> Vec<(String, T)> {
        let paths: Vec<String> = self.written().map(|(path, _)| path.to_owned()).collect();
        let written = std::mem::take(&mut self.written);
        paths.into_iter().zip(written).map(|(path, (_, kept))| (path, kept)).collect()
    }

    /// Gives back what was set aside for more files.
    pub(in crate::cli) fn shrink(&mut self) {
        self.paths.shrink_to_fit();
        self.written.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stand_in_the_order_in_which_they_came() {
        let mut files = UnitFiles::default();
        files.add("eus/shop/b.yaml", Some(1));
        files.push("eus/shop/a.yaml");
        files.add("recovery/shop.md", Some(2));
        files.shrink();
        let paths = ["eus/shop/b.yaml", "eus/shop/a.yaml", "recovery/shop.md"];
        assert_eq!(files.paths().collect::<Vec<_>>(), paths);
        assert_eq!(files.len(), 3);
        assert_eq!(files.written().collect::<Vec<_>>(), [(paths[0], &1), (paths[2], &2)]);
        let taken = files.take_written();
        assert_eq!(taken, [(paths[0].to_owned(), 1), (paths[2].to_owned(), 2)]);
        assert_eq!((files.written().len(), files.len()), (0, 3));
    }

    #[test]
    fn sorted_files_keep_what_was_kept_of_them() {
        let mut files = UnitFiles::default();
        files.add("eus/b.yaml", Some('b'));
        files.push("eus/c.yaml");
        files.add("eus/a.yaml", Some('a'));
        let sorted = files.sorted();
        assert_eq!(sorted.paths().collect::<Vec<_>>(), ["eus/a.yaml", "eus/b.yaml", "eus/c.yaml"]);
        let written: Vec<_> = sorted.written().collect();
        assert_eq!(written, [("eus/a.yaml", &'a'), ("eus/b.yaml", &'b')]);
    }
}
