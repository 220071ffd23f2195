//! Ranges of addresses, as network policies take them.

use crate::diag::{Code, Diagnostic, Sink};
use crate::model::{Fleet, Region, cidr_form};

pub(super) fn check(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    for (key, ranges) in
        [("object_storage", &region.object_storage), ("api_server", &region.api_server)]
    {
        for (index, range) in ranges.iter().enumerate() {
            let Err(help) = cidr_form(range) else { continue };
            let place = ["regions", region.name.as_str(), key, &index.to_string()];
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{range}` is no range of addresses"))
                    .at(fleet.document.at(&place), "")
                    .help(help),
            );
        }
    }
}
