//! The text of a ledger, written and read.

use super::lines::Lines;
use super::{FOLDER, Ledger, PROCEDURES, RECOVERY, VERSION, path};
use crate::diag::{Code, Diagnostic};
use crate::name::{Digest, Digesting};
use serde::{Deserialize, Serialize};
use serde_json::Serializer;
use std::io::{BufWriter, Write};

/// Begins a line that a merge left for a person to decide.
const MERGE: &str = "<<<<<<< ";

/// What stands before the digest of a ledger; the fields before that one say nothing like it.
const DIGEST: &str = "\n  \"digest\": \"";

/// An object takes about as many bytes in a ledger.
const SIZE: usize = 700;

/// The unit of what services share.
const FLEET: &str = "fleet";

impl Ledger {
    /// As a file.
    pub fn to_text(&self) -> String {
        let mut text = written(self);
        let digest = Digest::of(text.as_bytes()).to_string();
        let at = text.find(DIGEST).expect("the field is always there") + DIGEST.len();
        text.insert_str(at, &digest);
        text
    }

    /// As a file of the tree.
    pub fn to_document(&self) -> crate::tree::Document {
        crate::tree::Document::new(path(&self.unit), self.to_text())
    }

    /// The ledger with its digest, as it is written.
    pub fn seal(self) -> Sealed {
        if self.objects.len() <= MOST_AS_TEXT {
            return Sealed::Text(path(&self.unit), self.to_text());
        }
        self.in_stream()
    }

    fn in_stream(mut self) -> Sealed {
        let mut to = Digesting::new(std::io::sink());
        write(&self, &mut to).expect("nothing is in its way");
        self.digest = to.digest().to_string();
        Sealed::Stream(self)
    }

    /// Reads the ledger of `unit`.
    ///
    /// # Errors
    ///
    /// A finding, when it is cut off, of another version, of another unit, or names files that are
    /// none of the unit's.
    pub fn read(unit: &str, text: &str) -> Result<Ledger, Box<Diagnostic>> {
        let refuse = |what: String| {
            let path = path(unit);
            Box::new(
                Diagnostic::new(Code::LEDGER_UNREADABLE, format!("the ledger `{path}` {what}"))
                    .note("without it nobody knows which files are Ninefold's, so none is touched")
                    .help("restore it from git: `git checkout -- <out>/ledger`; or, if nothing runs from this tree, delete the whole tree and build again"),
            )
        };
        if text.starts_with(MERGE) || text.contains(&format!("\n{MERGE}")) {
            let mut finding = refuse("holds the marks of a merge".to_owned());
            finding.help = Some(
                "take one side of the tree whole (`git checkout --ours <out>`, or `--theirs`), then build: the specs decide"
                    .to_owned(),
            );
            return Err(finding);
        }
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let read = serde_json::from_str::<Ledger>(text);
        // Another version has other fields.
        if !read.as_ref().is_ok_and(|ledger| ledger.version == VERSION)
            && let Ok(Version { version }) = serde_json::from_str(text)
            && version != VERSION
        {
            return Err(refuse(format!("has version {version}, this Ninefold knows {VERSION}")));
        }
        let mut ledger = read.map_err(|error| refuse(format!("cannot be read: {error}")))?;
        if ledger.unit != unit {
            return Err(refuse(format!("is that of `{}`", ledger.unit)));
        }
        let digest = std::mem::take(&mut ledger.digest);
        let as_written = text.split_once(&digest).filter(|(before, _)| before.ends_with(DIGEST));
        let unsealed = as_written.map(|(before, after)| Digest::of_parts(&[before, after]));
        // One that was laid out otherwise says the same.
        if unsealed.is_none_or(|found| found.to_string() != digest)
            && Digest::of(written(&ledger).as_bytes()).to_string() != digest
        {
            return Err(refuse("was edited by hand, or by a merge".to_owned()));
        }
        let of_recovery = |path: &str| path.split('/').next() == Some(RECOVERY);
        let strange = (ledger.objects.iter().map(|entry| (&entry.path, false)))
            .chain(ledger.scripts.iter().map(|file| (&file.path, false)))
            .chain(ledger.recovery.iter().map(|file| (&file.path, true)))
            .find(|(path, recovery)| !belongs(unit, path) || of_recovery(path) != *recovery);
        match strange {
            Some((path, _)) => Err(refuse(format!("names `{path}`, which is no file of `{unit}`"))),
            None => Ok(ledger),
        }
    }
}

/// Objects of a ledger of which a text is made, some three megabytes: of more it would take as much
/// memory as they do.
const MOST_AS_TEXT: usize = 4096;

/// A ledger that is to be written.
#[derive(Debug)]
pub enum Sealed {
    /// Its path and its text.
    Text(String, String),
    /// One that is written object by object.
    Stream(Ledger),
}

impl Sealed {
    /// Its path below the tree.
    pub fn path(&self) -> String {
        match self {
            Sealed::Text(path, _) => path.clone(),
            Sealed::Stream(ledger) => path(&ledger.unit),
        }
    }

    /// Writes it.
    ///
    /// # Errors
    ///
    /// Those of `to`.
    pub fn write(&self, to: &mut dyn Write) -> std::io::Result<()> {
        match self {
            Sealed::Text(_, text) => to.write_all(text.as_bytes()),
            Sealed::Stream(ledger) => write(ledger, to),
        }
    }

    /// Whether a file holds it.
    pub fn is_in(&self, file: &[u8]) -> bool {
        match self {
            Sealed::Text(_, text) => file == text.as_bytes(),
            Sealed::Stream(ledger) => {
                let mut rest = Rest(file);
                write(ledger, &mut rest).is_ok() && rest.0.is_empty()
            }
        }
    }

    /// As a text.
    pub fn to_text(&self) -> String {
        match self {
            Sealed::Text(_, text) => text.clone(),
            Sealed::Stream(ledger) => written(ledger),
        }
    }
}

/// What of a file is still to be written to it, when that is what it holds.
struct Rest<'a>(&'a [u8]);

impl Write for Rest<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.strip_prefix(bytes).ok_or(std::io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Writes a ledger as it stands.
fn write(ledger: &Ledger, to: &mut dyn Write) -> std::io::Result<()> {
    // Tokens are a few bytes each.
    let mut to = BufWriter::with_capacity(1 << 16, to);
    ledger.serialize(&mut Serializer::with_formatter(&mut to, Lines::default()))?;
    to.write_all(b"\n")?;
    to.flush()
}

/// The text of a ledger as it stands.
fn written(ledger: &Ledger) -> String {
    let mut text = Vec::with_capacity(ledger.objects.len() * SIZE + 300);
    let mut to = Serializer::with_formatter(&mut text, Lines::default());
    ledger.serialize(&mut to).expect("a ledger holds numbers and words");
    text.push(b'\n');
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// Whether `path` is `<region>/<unit>/…`, for the fleet `<region>/delivery/…`, or a page of the unit in
/// `recovery/`, with nothing that leads out of it.
fn belongs(unit: &str, path: &str) -> bool {
    let mut parts = path.splitn(4, '/');
    let own = match [(); 4].map(|()| parts.next()) {
        // Of an environment, a page stands apart, and what is applied in its regions does not.
        [Some(RECOVERY), Some(page), None, _] => page.strip_suffix(".md") == Some(unit),
        [Some(RECOVERY), Some(PROCEDURES), Some(_), None] => unit == FLEET,
        [Some(folder), Some(of), Some(_), _] => {
            crate::tree::path::is_of(unit, of) && folder != FOLDER
        }
        _ => false,
    };
    own && is_clean(path)
}

/// Whether each part of a path is a name, and none is hidden.
fn is_clean(path: &str) -> bool {
    let mut begins = true;
    for byte in path.bytes() {
        if matches!(byte, b'\\' | b':' | b'\0') || begins && matches!(byte, b'.' | b'/') {
            return false;
        }
        begins = byte == b'/';
    }
    !begins
}

#[cfg(test)]
mod tests {
    use super::super::{Entry, Files, Origin, Reference};
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn a_ledger_reads_as_it_was_written_and_a_broken_one_does_not() {
        let text =
            Ledger::new("shop", Vec::new(), Files::default(), BTreeSet::new(), BTreeMap::new())
                .to_text();
        assert_eq!(Ledger::read("shop", &text).unwrap().to_text(), text);
        let broken = [
            text.replace("1", "2"),
            text[..text.len() / 2].to_owned(),
            text.replace("shop", "other"),
            text.replace("\"objects\"", "\"things\""),
            text.replace("[]", "[ ]").replace("\"digest\": \"", "\"digest\": \"0"),
            String::new(),
        ];
        for text in broken {
            assert_eq!(Ledger::read("shop", &text).unwrap_err().code, Code::LEDGER_UNREADABLE);
        }
    }

    fn entry(path: &str) -> Entry {
        let text = str::to_owned;
        Entry {
            path: text(path),
            region: text("eastus2"),
            kind: text("Service"),
            namespace: Some(text("shop")),
            logical_name: text("shop"),
            name: text("shop\n \"objects\": []"),
            content: None,
            own: Digest::of(b"a"),
            file: Digest::of(b"b"),
            references: vec![Reference { kind: text("ConfigMap"), name: text("shop-abc") }],
            retained: None,
            origin: Origin { file: text("shop.toml"), key: text("name") },
        }
    }

    #[test]
    fn a_sealed_ledger_is_written_as_its_text() {
        for count in 0..3 {
            let objects = ["a", "b"][..count].iter().map(|path| entry(path)).collect();
            let ledger =
                Ledger::new("shop", objects, Files::default(), BTreeSet::new(), BTreeMap::new());
            let document = ledger.to_document();
            let text = document.text.as_bytes();
            let others = [&[], &text[1..], &text[..text.len() - 1], &[text, b"\n"].concat()];
            for sealed in [ledger.clone().seal(), ledger.in_stream()] {
                assert_eq!(sealed.path(), document.path);
                assert_eq!(sealed.to_text(), document.text);
                let mut file = Vec::new();
                sealed.write(&mut file).unwrap();
                assert_eq!(file, text);
                assert!(sealed.is_in(text));
                assert!(others.iter().all(|other| !sealed.is_in(other)));
            }
        }
    }

    #[test]
    fn no_path_leads_out_of_the_unit() {
        assert!(belongs("shop", "eastus2/shop/deployment.yaml"));
        assert!(belongs("shop", "recovery/shop/restore-eastus2/1-restore.yaml"));
        assert!(belongs("shop", "recovery/shop.md"));
        assert!(belongs("fleet", "recovery/fleet/eastus2.md"));
        assert!(belongs("fleet", "recovery/procedures/node.md"));
        assert!(belongs("fleet", "eastus2/delivery/apply.sh"));
        assert!(belongs("shop@staging", "recovery/shop@staging.md"));
        assert!(belongs("shop@staging", "test/shop/deployment.yaml"));
        assert!(!belongs("shop@staging", "recovery/shop.md"));
        for path in [
            "../x/shop/y",
            "eastus2/../shop",
            "eastus2/other/x.yaml",
            "eastus2/delivery/x.yaml",
            "/etc/shop/x",
            "eastus2/shop",
            "ledger/shop/x",
            "a/shop/..",
            "a/shop/",
            "recovery/other/restore-a/1-restore.yaml",
            "recovery/other.md",
            "recovery/shop.md/x",
            "recovery/procedures/node.md",
            "eastus2//shop/x",
            "eastus2/shop//x",
            "/eastus2/shop/x",
            "eastus2/shop/.x",
            "eastus2/shop/x:y",
            "eastus2/shop/x\\y",
            "eastus2/shop/x\0y",
        ] {
            assert!(!belongs("shop", path), "{path}");
        }
    }
}
