//! The part of a page that rests on one place of an input.

use super::Page;
use crate::decide::proof::{Claim, Source};
use crate::diag::Span;

impl Page<'_> {
    /// A page with the claims and numbers that come from what is written at `span`; nothing where
    /// none does. A claim that is promised there is whole: its sum is what the promise is kept by.
    pub fn resting_on(&self, span: Span) -> Option<Self> {
        let is_there = |source: &Source| source.span().is_some_and(|at| at.touches(span));
        let rests = |claim: &Claim| {
            claim.promised.as_ref().is_some_and(|promised| is_there(&promised.source))
                || claim.terms.iter().any(|term| is_there(&term.source))
        };
        let mut page = self.clone();
        page.proofs.iter_mut().for_each(|proof| proof.claims.retain(&rests));
        page.numbers.retain(|number| number.sources.iter().any(is_there));
        // What all of the service comes to is another question.
        page.summary = None;
        let empty = page.numbers.is_empty() && page.proofs.iter().all(|it| it.claims.is_empty());
        (!empty).then_some(page)
    }
}
