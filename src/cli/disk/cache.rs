//! What makes a build with little to do cheap: which files a build read and wrote, how they looked
//! afterwards, and in which texts it found nothing.
//!
//! A file is taken for unchanged when its size, its times of modification and of change, and its
//! inode are as they were, and it was last changed before the cache was written (git's index has
//! the same rule). Whatever is in doubt is compiled and compared again. The cache stands beside
//! the tree, ignored by git; deleting it changes nothing. `diff` reads it, too, and `--check` and
//! `verify` never do.

use super::look::{Look, OpenFolder};
use super::{Staged, Trouble, UnitFiles, beside, doing};
use crate::name::Digest;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The version of the format.
const VERSION: u32 = 5;

/// What the last build left.
pub(in crate::cli) struct Cache {
    tree: OpenFolder,
    text: String,
    /// When it was written.
    written: i128,
    /// What the last build had to say about its inputs, colours included.
    printed: std::ops::Range<usize>,
    /// The lines of what it read.
    inputs: Vec<std::ops::Range<usize>>,
    /// The lines of digests of texts in which it found nothing.
    sound: Vec<std::ops::Range<usize>>,
    units: BTreeMap<String, Unit>,
}

struct Unit {
    fingerprint: String,
    generations: Vec<String>,
    in_use: Vec<(String, String)>,
    no_longer_made: Vec<(String, String)>,
    /// The lines of its files.
    files: Vec<std::ops::Range<usize>>,
}

/// One unit as it is written down.
pub(in crate::cli) struct Record<'a> {
    /// Its name.
    pub(in crate::cli) name: &'a str,
    /// The digest of everything that it was compiled from.
    pub(in crate::cli) fingerprint: Digest,
    /// Its files, and its ledger as the last one.
    pub(in crate::cli) files: &'a UnitFiles<Staged>,
    /// The former generations that it keeps.
    pub(in crate::cli) generations: Vec<&'a str>,
    /// The regions and namespaces that they stand in.
    pub(in crate::cli) in_use: &'a [(String, String)],
    /// Where something of what services share was that is not made any more.
    pub(in crate::cli) no_longer_made: &'a BTreeSet<(String, String)>,
    /// Whether the lines of the last cache still hold.
    pub(in crate::cli) known: bool,
    /// Whether every build has something to say about it.
    pub(in crate::cli) printed: bool,
}

impl Cache {
    /// The cache of the tree `out`, when there is one, of this very program and some of these arguments.
    pub(in crate::cli) fn load(out: &Path, arguments: &[String]) -> Option<Cache> {
        let path = beside::file(out, "")?;
        let text = std::fs::read_to_string(&path).ok()?;
        let written = Look::of(&std::fs::metadata(&path).ok()?).changed();
        Cache::parse(out, arguments, text, written)
    }

    fn parse(out: &Path, arguments: &[String], text: String, written: i128) -> Option<Cache> {
        let (key, printed) = text.lines().next()?.split_once(' ')?;
        arguments.iter().find(|one| self::key(one).as_deref() == Some(key))?;
        let begin = text.find('\n')? + 1;
        let printed = begin..begin.checked_add(printed.parse().ok()?)?;
        text.get(printed.clone())?;
        let mut at = printed.end;
        let mut line = || {
            let end = at + text[at..].find('\n')?;
            let line = at..end;
            at = end + 1;
            Some(line)
        };
        let mut lines = |count: &str| -> Option<Vec<_>> {
            (0..count.parse::<usize>().ok()?).map(|_| line()).collect()
        };
        let header = lines("1")?.pop()?;
        let inputs = lines(&text[header])?;
        let header = lines("1")?.pop()?;
        let sound = lines(&text[header])?;
        let mut units = BTreeMap::new();
        while let Some(header) = lines("1").and_then(|mut header| header.pop()) {
            let fields: Vec<&str> = text[header].split(' ').collect();
            let &[name, fingerprint, count, generations, in_use, gone] = fields.as_slice() else {
                return None;
            };
            let list = |text: &str| {
                text.split(',')
                    .filter(|item| !item.is_empty())
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            let pair =
                |item: String| item.split_once('/').map(|(a, b)| (a.to_owned(), b.to_owned()));
            let unit = Unit {
                fingerprint: fingerprint.to_owned(),
                generations: list(generations),
                in_use: list(in_use).into_iter().filter_map(pair).collect(),
                no_longer_made: list(gone).into_iter().filter_map(pair).collect(),
                files: lines(count)?,
            };
            units.insert(name.to_owned(), unit);
        }
        let tree = OpenFolder::open(out);
        Some(Cache { tree, written, printed, inputs, sound, units, text })
    }

    /// How many files the tree has, and what there is to say about its inputs, when nothing has
    /// changed since the last build: neither what it read nor what it wrote.
    pub(in crate::cli) fn nothing_to_do(&self) -> Option<(usize, &str)> {
        let inputs = || self.inputs.par_iter().all(|line| self.is_input_clean(line));
        let outputs = || {
            let files = self.units.par_iter().flat_map(|(_, unit)| unit.files.par_iter());
            files.all(|line| self.is_clean(line))
        };
        let count = self.units.values().map(|unit| unit.files.len().saturating_sub(1)).sum();
        (inputs() && outputs()).then(|| (count, &self.text[self.printed.clone()]))
    }

    /// Digests of texts in which the last build found nothing by themselves.
    pub(in crate::cli) fn sound(&self) -> BTreeSet<Digest> {
        self.sound.iter().filter_map(|line| self.text[line.clone()].parse().ok()).collect()
    }

    /// The files of a unit, when it was compiled from the same and none of them has changed.
    pub(in crate::cli) fn clean<T>(
        &self,
        unit: &str,
        fingerprint: &Digest,
    ) -> Option<UnitFiles<T>> {
        let unit =
            self.units.get(unit).filter(|unit| unit.fingerprint == fingerprint.to_string())?;
        // Its ledger is always one of them.
        if unit.files.is_empty() {
            return None;
        }
        if !unit.files.par_iter().with_min_len(ONE_AFTER_THE_OTHER).all(|line| self.is_clean(line))
        {
            return None;
        }
        let mut files = UnitFiles::default();
        unit.files.iter().for_each(|line| files.push(self.name(line)));
        files.shrink();
        Some(files)
    }

    /// The generations that a unit keeps.
    pub(in crate::cli) fn generations(&self, unit: &str) -> Vec<String> {
        self.units.get(unit).map(|unit| unit.generations.clone()).unwrap_or_default()
    }

    /// The regions and namespaces that they stand in.
    pub(in crate::cli) fn in_use(&self, unit: &str) -> Vec<(String, String)> {
        self.units.get(unit).map(|unit| unit.in_use.clone()).unwrap_or_default()
    }

    /// The regions and namespaces where something of what services share was that is not made any more.
    pub(in crate::cli) fn no_longer_made(&self, unit: &str) -> BTreeSet<(String, String)> {
        let unit = self.units.get(unit);
        unit.map(|unit| unit.no_longer_made.iter().cloned().collect()).unwrap_or_default()
    }

    fn name(&self, line: &std::ops::Range<usize>) -> &str {
        self.text[line.clone()].split_once(' ').map_or("", |(_, name)| name)
    }

    /// Whether a file that was written is as it was; one that is a link now never is.
    fn is_clean(&self, line: &std::ops::Range<usize>) -> bool {
        let Some((looks, name)) = self.text[line.clone()].split_once(' ') else { return false };
        self.tree.look(name).is_ok_and(|now| self.is_as_before(&now, looks))
    }

    /// Whether something that was read is as it was, be it behind a link.
    fn is_input_clean(&self, line: &std::ops::Range<usize>) -> bool {
        let Some((looks, name)) = self.text[line.clone()].split_once(' ') else { return false };
        if looks == NOTHING {
            return !super::exists(Path::new(name));
        }
        std::fs::metadata(name).is_ok_and(|now| self.is_as_before(&Look::of(&now), looks))
    }

    fn is_as_before(&self, now: &Look, looks: &str) -> bool {
        now.changed() < self.written && now.is(looks)
    }

    /// Writes down what a build read, in which texts it found nothing, what it had to say about that, and
    /// what the tree holds now. `last` is the cache that the build began with.
    pub(in crate::cli) fn write(
        out: &Path,
        arguments: &str,
        (seen, sound): (&[(PathBuf, String)], &BTreeSet<Digest>),
        units: &[Record<'_>],
        printed: &str,
        last: Option<&Cache>,
    ) -> Result<(), Trouble> {
        let (Some(path), Some(key)) = (beside::file(out, ""), key(arguments)) else {
            return Ok(());
        };
        let ledgers = out.join(crate::tree::ledger::FOLDER);
        let looks = Look::of(&doing("reading", &ledgers, std::fs::metadata(&ledgers))?);
        let staged = beside::stage(&path)?;
        let file = doing("writing", &staged, File::create(&staged))?;
        let mut file = BufWriter::new(file);
        let mut put = |text: &str| doing("writing", &staged, file.write_all(text.as_bytes()));
        put(&format!("{key} {}\n{printed}", printed.len()))?;
        put(&format!("{}\n{} {}\n", seen.len() + 1, looks.written(), ledgers.display()))?;
        for (path, looks) in seen {
            put(&format!("{looks} {}\n", path.display()))?;
        }
        put(&format!("{}\n", sound.len()))?;
        for digest in sound {
            put(&format!("{digest}\n"))?;
        }
        let tree = OpenFolder::open(out);
        let mut youngest = 0;
        // The lines of a large tree take more room than all that is said about it.
        for some in units.chunks(AT_ONCE) {
            let parts: Vec<Result<(String, i128), Trouble>> =
                some.par_iter().map(|unit| unit_text(&tree, unit, last)).collect();
            for part in parts {
                let (part, changed) = part?;
                put(&part)?;
                youngest = changed.max(youngest);
            }
        }
        doing("writing", &staged, file.flush())?;
        drop(file);
        put_into_place(&path, &staged, youngest)
    }
}

/// The lines of one unit, and when the youngest of its files was changed.
fn unit_text(
    tree: &OpenFolder,
    unit: &Record<'_>,
    last: Option<&Cache>,
) -> Result<(String, i128), Trouble> {
    let pair = |(region, namespace): &(String, String)| format!("{region}/{namespace}");
    let in_use: Vec<String> = unit.in_use.iter().map(pair).collect();
    let gone: Vec<String> = unit.no_longer_made.iter().map(pair).collect();
    // Only compiling a unit reports its findings: one that has some is never taken for unchanged.
    let fingerprint = match unit.printed {
        true => UNKNOWN.to_owned(),
        false => unit.fingerprint.to_string(),
    };
    let mut text = format!(
        "{} {} {} {} {} {}\n",
        unit.name,
        fingerprint,
        unit.files.len(),
        unit.generations.join(","),
        in_use.join(","),
        gone.join(",")
    );
    if let Some((last, known)) = last.and_then(|last| Some((last, last.units.get(unit.name)?)))
        && unit.known
    {
        for line in &known.files {
            text.push_str(&last.text[line.clone()]);
            text.push('\n');
        }
        return Ok((text, 0));
    }
    let mut youngest = 0;
    for name in unit.files.paths() {
        let look = tree.look(name).map_err(|error| tree.trouble(name, error))?;
        look.write(&mut text);
        [" ", name, "\n"].iter().for_each(|part| text.push_str(part));
        youngest = look.changed().max(youngest);
    }
    Ok((text, youngest))
}

/// How many units are looked at before their lines are written.
const AT_ONCE: usize = 256;

/// How many files one thread looks at, at the least.
const ONE_AFTER_THE_OTHER: usize = 256;

/// Makes a cache younger than every file that it speaks of, as far as the clock of the file system can
/// tell; what it cannot tell apart is compiled again next time.
fn put_into_place(path: &Path, staged: &Path, youngest: i128) -> Result<(), Trouble> {
    for _ in 0..10 {
        let file = doing("writing", staged, File::options().append(true).open(staged))?;
        doing("writing", staged, file.set_modified(SystemTime::now()))?;
        if Look::of(&doing("reading", staged, file.metadata())?).changed() > youngest {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    doing("writing", path, std::fs::rename(staged, path))
}

/// How a file looks before it is read; like nothing when it was changed so lately that another
/// change might not show.
pub(super) fn looks_settled(metadata: &Metadata) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = i128::try_from(now.as_nanos()).unwrap_or_default();
    let look = Look::of(metadata);
    if look.changed() + TICK < now { look.written() } else { "young".to_owned() }
}

/// How a file looks that may not be there.
pub(super) fn looks_now(path: &Path) -> String {
    std::fs::metadata(path).map_or_else(|_| NOTHING.to_owned(), |metadata| looks_settled(&metadata))
}

/// Stands for the digest of what a unit was compiled from where it is to be compiled again.
const UNKNOWN: &str = "-";

/// How a file looks that is not there.
const NOTHING: &str = "-";

/// Longer than between two ticks of the clocks that file systems read.
const TICK: i128 = 20_000_000;

/// What a cache is of: the format, this very program, its arguments.
fn key(arguments: &str) -> Option<String> {
    let program = std::fs::metadata(std::env::current_exe().ok()?).ok()?;
    let key = format!(
        "{VERSION} {} {} {arguments}",
        env!("CARGO_PKG_VERSION"),
        Look::of(&program).written()
    );
    Some(Digest::of(key.as_bytes()).to_string())
}
