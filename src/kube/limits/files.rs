//! What file systems take of the paths of a tree, wherever somebody checks it out.

/// Names that Windows keeps for devices, with any ending
/// (<https://learn.microsoft.com/windows/win32/fileio/naming-a-file>).
pub const DEVICES: &[&str] = &[
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1",
    "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

/// The most bytes of the name of a file or a folder (`NAME_MAX`: ext4, XFS, APFS, NTFS).
pub const LONGEST_NAME: usize = 255;

/// The most characters of a path below the tree: Windows takes 259 of a whole path where nobody says
/// otherwise (`MAX_PATH`), of which some name the folder that it is checked out to.
pub const LONGEST_PATH: usize = 259 - 40;
