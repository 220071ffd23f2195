//! What must stand in a region that takes over, on the pages that tell it.

use super::super::checklist::{self, Needs};
use super::Page;
use super::values::Runbook;
use crate::decide::ServiceInRegion;
use crate::model::Region;

/// The page that is read by night.
const LOST: &str = "runbook/region.md";

/// Adds to each page of a lost region what must stand in the others, and to all of them a page by
/// day for each region that takes over.
pub(super) fn add(pages: &mut Vec<Page<Runbook>>, all: &[ServiceInRegion<'_>], needs: &Needs) {
    for page in pages.iter_mut().filter(|page| page.template == LOST) {
        let Some(lost) = page.values.here.as_ref().and_then(|lost| find(all, &lost.region)) else {
            continue;
        };
        for place in &mut page.values.others {
            let survivor = find(all, &place.region);
            place.ready = survivor.map(|one| checklist::of(one, &[lost.region], needs));
        }
    }
    let Some(common) = pages.first().map(|page| page.values.clone()) else { return };
    for survivor in all.iter().filter(|one| one.role.takes_over) {
        let leads = all.iter().filter(|one| one.role.backs_up).map(|one| one.region);
        let lost: Vec<&Region> = leads.filter(|one| one.name != survivor.region.name).collect();
        if lost.is_empty() {
            continue;
        }
        let name = survivor.region.name.as_str();
        let mut here = common.places.iter().find(|place| place.region == name).cloned();
        if let Some(here) = &mut here {
            here.ready = Some(checklist::of(survivor, &lost, needs));
        }
        // The page tells of this region alone.
        let (places, others, drills) = (Vec::new(), Vec::new(), Vec::new());
        let values = Runbook { here, places, others, drills, ..common.clone() };
        pages.push(Page { file: format!("ready-{name}.md"), template: "runbook/ready.md", values });
    }
}

fn find<'a, 'b>(all: &'b [ServiceInRegion<'a>], region: &str) -> Option<&'b ServiceInRegion<'a>> {
    all.iter().find(|here| here.region.name.as_str() == region)
}
