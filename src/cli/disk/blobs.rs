//! The files of a revision: their ids at once, their contents when they are asked for.

use super::Trouble;
use super::git::git;
use std::io::{BufRead, BufReader, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

/// The files below a folder of a commit.
#[derive(Debug)]
pub(in crate::cli) struct Revision {
    batch: Arc<Batch>,
    listing: Arc<Listing>,
    trouble: OnceLock<String>,
}

/// What git lists of a tree.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// As git prints it.
    text: String,
    /// Where in it the path and the id of each blob stand, in the order of paths.
    blobs: Vec<(Range<usize>, Range<usize>)>,
    /// How many links there are; they are not followed.
    links: usize,
}

impl Listing {
    /// What `git ls-tree -r -z` prints. What is in submodules is not among it.
    pub(super) fn of(printed: Vec<u8>) -> Listing {
        let text = match String::from_utf8(printed) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        };
        let (mut blobs, mut links, mut from) = (Vec::new(), 0, 0);
        for entry in text.split('\0') {
            let start = from;
            from += entry.len() + 1;
            let Some((what, _)) = entry.split_once('\t') else { continue };
            let mut words = what.split(' ');
            match (words.next(), words.next(), words.next()) {
                (Some("120000"), ..) => links += 1,
                (_, Some("blob"), Some(id)) => {
                    let end = start + what.len();
                    blobs.push((end + 1..start + entry.len(), end - id.len()..end));
                }
                _ => {}
            }
        }
        let mut listing = Listing { text, blobs: Vec::new(), links };
        blobs.sort_by(|(a, _), (b, _)| listing.part(a).cmp(listing.part(b)));
        listing.blobs = blobs;
        listing
    }

    fn part(&self, range: &Range<usize>) -> &str {
        &self.text[range.clone()]
    }

    fn blob(&self, path: &str) -> Option<&str> {
        let found = self.blobs.binary_search_by(|(known, _)| self.part(known).cmp(path)).ok()?;
        Some(self.part(&self.blobs[found].1))
    }
}

impl Revision {
    /// The files that are listed.
    pub(super) fn of(batch: Arc<Batch>, listing: Arc<Listing>) -> Revision {
        Revision { batch, listing, trouble: OnceLock::new() }
    }

    /// Every file, in the order of names.
    pub(in crate::cli) fn paths(&self) -> impl Iterator<Item = &str> {
        self.listing.blobs.iter().map(|(path, _)| self.listing.part(path))
    }

    /// How many links there are; they are not followed.
    pub(in crate::cli) fn links(&self) -> usize {
        self.listing.links
    }

    /// The id of a file's blob.
    pub(in crate::cli) fn blob(&self, path: &str) -> Option<&str> {
        self.listing.blob(path)
    }

    /// The content of a file. What goes wrong is reported by [`Revision::trouble`].
    pub(in crate::cli) fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        self.or_trouble(path, self.batch.read(self.blob(path)?))
    }

    /// The contents of several files, asked for at once.
    pub(in crate::cli) fn bytes_of_all(&self, paths: &[&str]) -> Vec<Option<Vec<u8>>> {
        let ids: Vec<Option<&str>> = paths.iter().map(|path| self.blob(path)).collect();
        let known: Vec<&str> = ids.iter().copied().flatten().collect();
        let mut read = self.batch.read_all(&known).into_iter();
        let of = |(path, id): (&&str, &Option<&str>)| {
            id.is_some().then(|| read.next()).flatten().and_then(|read| self.or_trouble(path, read))
        };
        paths.iter().zip(&ids).map(of).collect()
    }

    fn or_trouble(&self, path: &str, read: Result<Vec<u8>, String>) -> Option<Vec<u8>> {
        let failed = |why| {
            self.trouble.get_or_init(|| format!("reading `{path}` from git: {why}"));
        };
        read.map_err(failed).ok()
    }

    /// What went wrong so far.
    pub(in crate::cli) fn trouble(&self) -> Option<Trouble> {
        self.trouble.get().cloned().map(Trouble::from)
    }
}

/// An object of git.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) id: String,
    kind: String,
    pub(super) bytes: Vec<u8>,
}

impl Object {
    /// The ids of the files of a tree, by name, where an id has `length` bytes: 20 with SHA-1, 32 with
    /// SHA-256. Nothing, when this is no tree.
    pub(super) fn blobs(&self, length: usize) -> Vec<(String, String)> {
        let mut files = Vec::new();
        let mut rest = if self.kind == "tree" { &self.bytes[..] } else { &[] };
        // `MODE NAME`, a zero, the id: see gitformat-pack(5) and the object database of git.
        while let Some(end) = rest.iter().position(|byte| *byte == 0) {
            let Some(id) = rest.get(end + 1..end + 1 + length) else { break };
            let entry = String::from_utf8_lossy(&rest[..end]);
            if let Some((_, name)) =
                entry.split_once(' ').filter(|(mode, _)| mode.starts_with("100"))
            {
                let id = id.iter().map(|byte| format!("{byte:02x}")).collect();
                files.push((name.to_owned(), id));
            }
            rest = &rest[end + 1 + length..];
        }
        files
    }
}

/// A `git cat-file --batch` for all objects that are asked for, which starts with the first; and a second one
/// for requests of [`AT_ONCE`] objects or more while the first is busy, as git unpacks on one core.
#[derive(Debug)]
pub(super) struct Batch {
    folder: PathBuf,
    processes: [Mutex<Option<Process>>; 2],
}

#[derive(Debug)]
struct Process {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Batch {
    /// One that runs in `folder`.
    pub(super) fn new(folder: PathBuf) -> Batch {
        Batch { folder, processes: [Mutex::new(None), Mutex::new(None)] }
    }

    /// An object by its id, or as whatever names it for git; nothing when it is not there.
    pub(super) fn object(&self, name: &str) -> Result<Option<Object>, String> {
        if name.contains('\n') {
            return Ok(None);
        }
        let read = |process: &mut Process| {
            process.ask(&[name])?;
            process.answer(name)
        };
        self.with_process(1, read).map_err(|error| error.to_string())
    }

    /// Runs something with a process; `objects` is how many are asked for in all.
    fn with_process<T>(
        &self,
        objects: usize,
        run: impl FnOnce(&mut Process) -> std::io::Result<T>,
    ) -> std::io::Result<T> {
        let [first, second] = &self.processes;
        let process = match first.try_lock() {
            Err(_) if objects >= AT_ONCE => second.lock(),
            Err(_) => first.lock(),
            Ok(process) => Ok(process),
        };
        let mut process = process.expect("no thread panics in here");
        let result = run(match &mut *process {
            Some(process) => process,
            none => none.insert(Process::start(&self.folder)?),
        });
        // After a fault, what is answered next may be to what was asked before.
        if result.is_err() {
            *process = None;
        }
        result
    }

    /// The content of a blob.
    pub(super) fn read(&self, id: &str) -> Result<Vec<u8>, String> {
        self.object(id).and_then(|found| blob(id, found))
    }

    /// The contents of several blobs.
    pub(super) fn read_all(&self, ids: &[&str]) -> Vec<Result<Vec<u8>, String>> {
        let mut contents = Vec::with_capacity(ids.len());
        for some in ids.chunks(AT_ONCE) {
            let before = contents.len();
            let read = self.with_process(ids.len(), |process| {
                process.ask(some)?;
                some.iter().try_for_each(|id| {
                    contents.push(blob(id, process.answer(id)?));
                    Ok(())
                })
            });
            if let Err(why) = read {
                contents.resize_with(before + some.len(), || Err(why.to_string()));
            }
        }
        contents
    }
}

/// How many blobs are asked for before an answer is read: the names of these fit any pipe, so that
/// neither side waits for the other to read.
const AT_ONCE: usize = crate::diff::MOST_AT_ONCE;

/// What a blob holds.
fn blob(id: &str, found: Option<Object>) -> Result<Vec<u8>, String> {
    match found {
        Some(object) if object.kind == "blob" => Ok(object.bytes),
        Some(object) => Err(format!("`{id}` is a {}", object.kind)),
        None => Err(format!(
            "it is not in this clone, which is a partial one, or damaged\nhelp: clone without `--filter`, or run `git fetch --refetch --no-filter origin`; `git cat-file -p {id}` tells more"
        )),
    }
}

impl Process {
    fn start(folder: &Path) -> std::io::Result<Process> {
        let mut git = git(folder, &["cat-file", "--batch"]);
        git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = git.spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take());
        let (Some(asks), Some(answers)) = pipes else { unreachable!("both are piped") };
        Ok(Process { child, asks, answers: BufReader::new(answers) })
    }

    /// Asks for objects, each of which is to be answered.
    fn ask(&mut self, names: &[&str]) -> std::io::Result<()> {
        self.asks.write_all(format!("{}\n", names.join("\n")).as_bytes())
    }

    /// The next object; nothing when it is not there.
    fn answer(&mut self, name: &str) -> std::io::Result<Option<Object>> {
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let header = header.trim_end_matches('\n');
        // A name may have spaces, and stands first where nothing is found.
        if [" missing", " ambiguous"].iter().any(|end| header == format!("{name}{end}")) {
            return Ok(None);
        }
        let [id, kind, size] = header.split(' ').collect::<Vec<_>>()[..] else {
            return Err(std::io::Error::other(format!("git answers `{header}`")));
        };
        let size = size.parse::<usize>().map_err(std::io::Error::other)?;
        let mut bytes = vec![0; size];
        self.answers.read_exact(&mut bytes)?;
        self.answers.read_exact(&mut [0])?;
        Ok(Some(Object { id: id.to_owned(), kind: kind.to_owned(), bytes }))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has nothing to write: every answer was read.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
