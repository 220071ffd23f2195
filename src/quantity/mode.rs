//! Permissions of files.

use std::fmt;

/// The permissions of a file, in octal digits as `chmod` takes them: `0644`, `0755`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permissions(u32);

impl Permissions {
    /// As a number, which Kubernetes writes in decimal.
    pub const fn bits(self) -> u32 {
        self.0
    }

    pub(super) fn parse(text: &str) -> Result<Permissions, String> {
        let example = "permissions are three octal digits after a `0`, such as `0644` or `0755`";
        let digits = text.strip_prefix("0o").or_else(|| text.strip_prefix('0')).unwrap_or(text);
        let octal = digits.bytes().all(|digit| (b'0'..=b'7').contains(&digit));
        if digits.len() != 3 || !octal {
            let letters = text.len() == 9 && text.bytes().all(|byte| b"rwx-".contains(&byte));
            let help = match (letters, octal && digits.len() == 4) {
                (true, _) => format!("write `0{}`", of_letters(text)),
                (_, true) => {
                    format!("{example}: a ConfigMap or a Secret takes no `setuid` and the like")
                }
                _ => example.to_owned(),
            };
            return Err(help);
        }
        u32::from_str_radix(digits, 8).map(Permissions).map_err(|_| example.to_owned())
    }
}

/// `rwxr-xr-x` as `755`.
fn of_letters(text: &str) -> String {
    let letters = text.as_bytes().chunks(3);
    let digit = |three: &[u8]| {
        three.iter().zip([4, 2, 1]).filter(|(letter, _)| **letter != b'-').map(|(_, bit)| bit).sum()
    };
    letters
        .map(|three| {
            let digit: u32 = digit(three);
            digit.to_string()
        })
        .collect()
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_octal() {
        for (text, bits) in [("0755", 493), ("755", 493), ("0o644", 420), ("0000", 0)] {
            assert_eq!(Permissions::parse(text).unwrap().bits(), bits, "{text}");
        }
        assert_eq!(Permissions::parse("640").unwrap().to_string(), "0640");
        for text in ["", "0", "0888", "4755", "u+x", "07555", "0x1ed", "-rw"] {
            assert!(Permissions::parse(text).is_err(), "{text}");
        }
        assert_eq!(Permissions::parse("rwxr-x---").unwrap_err(), "write `0750`");
    }
}
