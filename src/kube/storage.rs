//! How providers' storage keeps copies, and what a volume on it survives.

/// What a volume survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copies {
    /// They stand in one zone, and go with it.
    OneZone,
    /// They stand in several zones.
    Zones,
}

/// Words for it, in lower case. Azure: managed disks are LRS or ZRS (`skuName` of
/// disk.csi.azure.com). AWS: every EBS volume stands in one zone (`type` of ebs.csi.aws.com).
/// Google: `type` and `replication-type` of pd.csi.storage.gke.io.
const WORDS: &[(&str, Copies)] = &[
    ("gp2", Copies::OneZone),
    ("gp3", Copies::OneZone),
    ("hyperdisk-balanced", Copies::OneZone),
    ("hyperdisk-balanced-high-availability", Copies::Zones),
    ("io1", Copies::OneZone),
    ("io2", Copies::OneZone),
    ("lrs", Copies::OneZone),
    ("pd-balanced", Copies::OneZone),
    ("pd-ssd", Copies::OneZone),
    ("pd-standard", Copies::OneZone),
    ("premium_lrs", Copies::OneZone),
    ("premium_zrs", Copies::Zones),
    ("premiumv2_lrs", Copies::OneZone),
    ("regional-pd", Copies::Zones),
    ("sc1", Copies::OneZone),
    ("st1", Copies::OneZone),
    ("standard_lrs", Copies::OneZone),
    ("standardssd_lrs", Copies::OneZone),
    ("standardssd_zrs", Copies::Zones),
    ("ultrassd_lrs", Copies::OneZone),
    ("zrs", Copies::Zones),
];

/// What a volume survives whose storage is said to keep copies so; none for a word that is not
/// known.
pub fn copies(redundancy: &str) -> Option<Copies> {
    let word = redundancy.to_ascii_lowercase();
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, copies)| *copies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unique_and_in_order() {
        assert!(WORDS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(copies("Premium_ZRS"), Some(Copies::Zones));
        assert_eq!(copies("three times"), None);
    }
}
