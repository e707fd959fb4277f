//! Firms, counted by tier: in all, and by sector, key field and district.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::period::{GradedFirm, Period};
use crate::{Label, Lang, RuleBook, Tier};

/// Firms by tier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TierCounts {
    /// All firms.
    pub firms: u64,
    /// From blue to red.
    #[serde(serialize_with = "by_name")]
    pub tiers: [u64; 4],
    /// Firms that could not be graded.
    pub ungraded: u64,
    /// Graded firms whose tier no unknown can change.
    pub settled: u64,
    /// Firms of whose record something could not be read, or had no value.
    pub with_errors: u64,
}

fn by_name<S: Serializer>(tiers: &[u64; 4], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(Tier::ALL.iter().zip(tiers).map(|(tier, count)| (tier.name(Lang::En), count)))
}

impl TierCounts {
    /// Counts firms.
    pub fn of<'f>(firms: impl IntoIterator<Item = &'f GradedFirm>) -> TierCounts {
        let mut counts = TierCounts::default();
        firms.into_iter().for_each(|firm| counts.add(firm));
        counts
    }

    fn add(&mut self, firm: &GradedFirm) {
        self.firms += 1;
        match firm.tier.and_then(|tier| self.tiers.get_mut(tier as usize)) {
            Some(count) => *count += 1,
            None => self.ungraded += 1,
        }
        self.settled += u64::from(firm.is_settled());
        self.with_errors += u64::from(firm.has_errors);
    }

    /// Firms of a tier.
    pub fn in_tier(&self, tier: Tier) -> u64 {
        self.tiers.get(tier as usize).copied().unwrap_or(0)
    }

    /// Firms that have a tier.
    pub fn graded(&self) -> u64 {
        self.tiers.iter().sum()
    }
}

/// The firms of a sector, a key field or a district.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupCounts {
    /// Its id; empty for firms that are in none.
    pub id: Arc<str>,
    /// What it is called.
    pub name: Label,
    /// In this period.
    pub now: TierCounts,
    /// In the period before, if there is one.
    pub before: Option<TierCounts>,
}

fn label(en: &str, zh: &str) -> Label {
    Label { en: en.into(), zh: zh.into() }
}

/// Groups by id, in the order that is given, then by id; those that no firm is in are left out.
fn groups(
    now: &Period,
    before: Option<&Period>,
    of: &dyn Fn(&GradedFirm) -> Arc<str>,
    order: &[(Arc<str>, Label)],
    none: Label,
) -> Vec<GroupCounts> {
    let count = |period: &Period| {
        let mut counts: BTreeMap<Arc<str>, TierCounts> = BTreeMap::new();
        period.firms.iter().for_each(|firm| counts.entry(of(firm)).or_default().add(firm));
        counts
    };
    let (in_now, in_before) = (count(now), before.map(count));
    let named = |id: &Arc<str>| order.iter().position(|(known, _)| known == id);
    let mut ids: Vec<&Arc<str>> = in_now.keys().chain(in_before.iter().flat_map(BTreeMap::keys)).collect();
    // Those without a group stand last.
    ids.sort_by_key(|id| (id.is_empty(), named(id).unwrap_or(order.len()), *id));
    ids.dedup();
    let group = |id: &Arc<str>| GroupCounts {
        id: Arc::clone(id),
        name: match named(id).and_then(|at| order.get(at)) {
            Some((_, name)) => name.clone(),
            None if id.is_empty() => none.clone(),
            None => Label { en: Arc::clone(id), zh: Arc::clone(id) },
        },
        now: in_now.get(id).copied().unwrap_or_default(),
        before: in_before.as_ref().map(|counts| counts.get(id).copied().unwrap_or_default()),
    };
    ids.into_iter().map(group).collect()
}

/// By the sector that decided, in the order of the book.
pub(super) fn by_sector(now: &Period, before: Option<&Period>, book: &RuleBook) -> Vec<GroupCounts> {
    let order: Vec<(Arc<str>, Label)> =
        book.sectors().iter().map(|sector| (Arc::clone(&sector.id), sector.name.clone())).collect();
    groups(
        now,
        before,
        &|firm| firm.sector.clone().unwrap_or_else(|| "".into()),
        &order,
        label("no sector", "行业不明"),
    )
}

/// By the key field of the sector that decided, in the order of the book.
pub(super) fn by_key_field(now: &Period, before: Option<&Period>, book: &RuleBook) -> Vec<GroupCounts> {
    let order: Vec<(Arc<str>, Label)> =
        book.key_fields().iter().map(|field| (Arc::clone(&field.id), field.name.clone())).collect();
    let of_sector: BTreeMap<&str, Option<Arc<str>>> =
        book.sectors().iter().map(|sector| (&*sector.id, sector.key_field.clone())).collect();
    let of = |firm: &GradedFirm| {
        let field = firm.sector.as_deref().and_then(|sector| of_sector.get(sector).cloned().flatten());
        field.unwrap_or_else(|| "".into())
    };
    groups(now, before, &of, &order, label("no key field", "非重点领域"))
}

/// By district, in the order of their names.
pub(super) fn by_district(now: &Period, before: Option<&Period>) -> Vec<GroupCounts> {
    let of = |firm: &GradedFirm| firm.district.clone().unwrap_or_else(|| "".into());
    groups(now, before, &of, &[], label("no district given", "未填地区"))
}
