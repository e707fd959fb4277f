//! Reads every declaration into drafts: typed and checked one by one, closures not yet lowered.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rhai::{Dynamic, FnPtr, Map};

use super::fields::{Fields, to_number, to_text, to_value};
use super::model::*;
use crate::diagnostic::{Declared, Problem, Reports, RowProblem, Shape};
use crate::script::{BasisMark, CitationValue, Declaration, FieldValue, Scripts, TierMark, TypeMark, WorseMark};
use crate::{Date, Label, Points, Tier, Type, Value};

pub(super) struct MeasureDraft {
    pub(super) name: Arc<str>,
    pub(super) ty: Type,
    pub(super) label: Label,
    pub(super) unit: Option<Arc<str>>,
    pub(super) formula: FnPtr,
    pub(super) declaration: usize,
}

pub(super) enum AmountDraft {
    Fixed(Points),
    Computed(FnPtr),
}

pub(super) enum EffectDraft {
    Floor(Tier),
    Points { item: usize, deduct: bool, amount: AmountDraft },
}

pub(super) struct RuleDraft {
    pub(super) id: Arc<str>,
    pub(super) risk: Label,
    pub(super) finding: Label,
    pub(super) control: Label,
    pub(super) when: Option<FnPtr>,
    pub(super) effect: EffectDraft,
    pub(super) major: bool,
    pub(super) lasting: bool,
    pub(super) cite: Vec<Citation>,
    pub(super) since: Date,
    pub(super) until: Option<Date>,
    pub(super) replaces: Option<Arc<str>>,
    pub(super) within: Option<Arc<str>>,
    pub(super) owner: usize,
    pub(super) days: u32,
    pub(super) declaration: usize,
}

/// A sector or part: what is declared of it, and the declarations that it holds.
pub(super) struct GroupDraft {
    pub(super) id: Arc<str>,
    pub(super) name: Label,
    pub(super) declaration: usize,
    pub(super) sector: Option<SectorDraft>,
}

pub(super) struct SectorDraft {
    pub(super) key_field: Option<Arc<str>>,
    pub(super) codes: Vec<Arc<str>>,
    pub(super) uses: Vec<Arc<str>>,
    pub(super) scheme: Option<Scheme>,
}

/// Everything that the scripts declare.
#[derive(Default)]
pub(super) struct Drafts {
    pub(super) documents: Vec<Arc<Document>>,
    pub(super) roles: Vec<Role>,
    pub(super) key_fields: Vec<KeyField>,
    pub(super) groups: Vec<GroupDraft>,
    pub(super) facts: Vec<(Fact, usize)>,
    pub(super) lists: Vec<(List, usize)>,
    pub(super) measures: Vec<MeasureDraft>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) tables: Vec<Table>,
    pub(super) items: Vec<Item>,
    pub(super) rules: Vec<RuleDraft>,
    pub(super) supervision: Vec<Supervision>,
    pub(super) issued_lists: Vec<IssuedList>,
    pub(super) diagnostics: Reports,
    /// Ids of documents that something cites.
    pub(super) cited: HashSet<Arc<str>>,
    /// Names and first places, by namespace: facts, lists and measures share one.
    seen: HashMap<(Declared, String), String>,
    /// By id, as a script may cite and name many.
    document_ids: HashMap<Arc<str>, usize>,
    role_ids: HashMap<Arc<str>, usize>,
}

/// What others refer to must be known before them.
const ORDER: [&[Declared]; 4] = [
    &[Declared::Document, Declared::Role, Declared::KeyField],
    &[Declared::Sector, Declared::Part],
    &[Declared::Item, Declared::Fact, Declared::List, Declared::Measure, Declared::Parameter, Declared::Table],
    &[Declared::Rule, Declared::Supervision, Declared::IssuedList],
];

pub(super) fn read(scripts: &Scripts) -> Drafts {
    let mut drafts = Drafts::default();
    for kinds in ORDER {
        for (at, declaration) in scripts.declarations.iter().enumerate() {
            if kinds.contains(&declaration.kind) {
                drafts.declaration(scripts, at, declaration);
            }
        }
    }
    drafts
}

fn is_id(kind: Declared, id: &str) -> bool {
    let mut chars = id.chars();
    let plain = match kind {
        Declared::Fact | Declared::List | Declared::Field | Declared::Measure => {
            // The two keys of a record that are no facts.
            (kind == Declared::Field || ![crate::SECTOR_KEY, crate::ID_KEY].contains(&id))
                && chars.next().is_some_and(|c| c.is_ascii_lowercase())
                && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        }
        _ => chars.next().is_some_and(char::is_alphabetic) && chars.all(|c| c.is_alphanumeric() || "-_.".contains(c)),
    };
    plain && id.chars().count() <= 64
}

/// The largest whole number of a float that is exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A value as the type wants it: ints become floats, but not the other way.
fn fit(value: Value, ty: Type) -> Option<Value> {
    match (value, ty) {
        (Value::Int(value), Type::Float) if (value as f64).abs() <= EXACT => Some(Value::Float(value as f64)),
        (value, ty) if value.ty() == ty => Some(value),
        _ => None,
    }
}

fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Int(value) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        Value::Date(value) => Some(f64::from(value.days())),
        _ => None,
    }
}

/// A number of days, from 0.
fn days(value: &Dynamic) -> Option<u32> {
    value.as_int().ok().and_then(|days| u32::try_from(days).ok())
}

/// Fixed points: at most three decimals, within limits.
fn points(value: &Dynamic) -> Option<Points> {
    let number = to_number(value)?;
    let points = Points::from_f64(number)?;
    ((number * 1000.0 - points.thousandths() as f64).abs() < 1e-6).then_some(points)
}

impl Drafts {
    fn declaration(&mut self, scripts: &Scripts, at: usize, declaration: &Declaration) {
        let Some(id) = to_text(&declaration.id) else {
            let problem = Problem::WrongKind {
                kind: declaration.kind,
                id: declaration.id.to_string(),
                key: "id".into(),
                expected: Shape::Text,
                found: super::fields::describe(&declaration.id),
            };
            self.diagnostics.push(scripts.diagnostic_in(problem, declaration, "#id"));
            return;
        };
        let mut diagnostics = std::mem::take(&mut self.diagnostics);
        let mut fields = Fields::new(scripts, declaration, id.to_string(), &mut diagnostics);
        if !is_id(declaration.kind, &id) {
            fields.report(Problem::BadId { kind: declaration.kind, id: id.to_string() }, "#id");
        }
        let space = match declaration.kind {
            Declared::List | Declared::Measure => Declared::Fact,
            other => other,
        };
        let site = scripts.site(declaration.script, declaration.position);
        let shown =
            declaration.caller.map_or_else(|| site.clone(), |(script, position)| scripts.site(script, position));
        // The id of an item belongs to its sector or part, and so does the tier of a supervision.
        let key = match (declaration.kind, declaration.group) {
            (Declared::Item | Declared::Supervision, Some(group)) => (space, format!("{group}:{id}")),
            _ => (space, id.to_string()),
        };
        let first = self.seen.get(&key).cloned();
        match first {
            Some(first) => {
                fields.report(Problem::DuplicateId { kind: declaration.kind, id: id.to_string(), first }, "#id");
            }
            None => {
                self.seen.insert(key, shown.to_string());
            }
        }
        match declaration.kind {
            Declared::Document => self.document(&mut fields, id),
            Declared::Role => {
                if let Some(name) = fields.label_of(None) {
                    self.role_ids.entry(Arc::clone(&id)).or_insert(self.roles.len());
                    self.roles.push(Role { id, name });
                }
            }
            Declared::KeyField => {
                if let Some(name) = fields.label_of(None) {
                    self.key_fields.push(KeyField { id, name });
                }
            }
            Declared::Sector | Declared::Part => self.group(&mut fields, id, at),
            Declared::Fact => {
                if let Some(ty) = type_of(&mut fields, declaration.ty.as_ref())
                    && let Some(fact) = fact(&mut fields, id, ty, site)
                {
                    self.facts.push((fact, at));
                }
            }
            Declared::List => self.list(&mut fields, id, at, site),
            Declared::Measure => {
                let ty = type_of(&mut fields, declaration.ty.as_ref());
                let label = fields.label_of(None);
                let unit = fields.text("unit");
                let formula = fields.required("value").and_then(|_| fields.closure("value"));
                if let (Some(ty), Some(label), Some(formula)) = (ty, label, formula) {
                    self.measures.push(MeasureDraft { name: id, ty, label, unit, formula, declaration: at });
                }
            }
            Declared::Parameter => self.parameter(&mut fields, id, declaration.ty.as_ref()),
            Declared::Table => self.table(&mut fields, id, site),
            Declared::Item => self.item(&mut fields, id),
            Declared::Rule => self.rule(&mut fields, id, at),
            Declared::Supervision => self.supervision(&mut fields, &id),
            Declared::IssuedList => self.issued_list(&mut fields, id),
            Declared::Field => {}
        }
        fields.finish();
        self.diagnostics = diagnostics;
    }

    fn document(&mut self, fields: &mut Fields<'_>, id: Arc<str>) {
        let title = fields.required_text("title");
        let title_en = fields.text("title_en");
        let number = fields.required_text("number");
        let issuer = fields.text("issuer");
        let date = fields.date("date");
        let url = fields.text("url");
        let until = fields.date("until");
        let replaced_by = fields.text("replaced_by");
        if let (Some(title), Some(number)) = (title, number) {
            self.document_ids.entry(Arc::clone(&id)).or_insert(self.documents.len());
            self.documents.push(Arc::new(Document {
                id,
                title,
                title_en,
                number,
                issuer,
                date,
                url,
                until,
                replaced_by,
            }));
        }
    }

    fn group(&mut self, fields: &mut Fields<'_>, id: Arc<str>, at: usize) {
        let name = fields.labels("name");
        let sector = (fields.kind == Declared::Sector).then(|| SectorDraft {
            key_field: self.key_field(fields),
            codes: fields.texts("codes"),
            uses: fields.texts("uses"),
            scheme: scheme(fields),
        });
        if let Some(name) = name {
            self.groups.push(GroupDraft { id, name, declaration: at, sector });
        }
    }

    fn key_field(&self, fields: &mut Fields<'_>) -> Option<Arc<str>> {
        let id = fields.text("key_field")?;
        if self.key_fields.iter().all(|field| field.id != id) {
            let nearest = fields.nearest(&id, self.key_fields.iter().map(|field| &*field.id));
            let problem = Problem::UnknownReference { kind: Declared::KeyField, id: id.to_string(), nearest };
            fields.report(problem, "key_field");
        }
        Some(id)
    }

    fn list(&mut self, fields: &mut Fields<'_>, name: Arc<str>, at: usize, site: crate::Site) {
        let label = fields.label_of(None);
        let item = fields.required("item");
        let mut specs = Vec::new();
        if let Some(item) = item {
            match item.clone().try_cast::<Map>() {
                None => fields.wrong("item", Shape::Map, &item),
                Some(map) => {
                    for (field, value) in map {
                        let key = format!("item.{field}");
                        let Some(value) = value.clone().try_cast::<FieldValue>() else {
                            fields.wrong(&key, Shape::Field, &value);
                            continue;
                        };
                        if !is_id(Declared::Field, &field) {
                            fields.report(Problem::BadId { kind: Declared::Field, id: field.to_string() }, &key);
                        }
                        let Some(map) = (*value.body).clone().try_cast::<Map>() else {
                            fields.wrong(&key, Shape::Map, &value.body);
                            continue;
                        };
                        let site = fields.site(&key);
                        let mut inner = fields.inner(&key, map);
                        inner.kind = Declared::Field;
                        inner.id = format!("{name}.{field}");
                        let ty = type_of(&mut inner, Some(&value.ty));
                        let read = ty.and_then(|ty| fact(&mut inner, field.as_str().into(), ty, site));
                        inner.finish();
                        specs.extend(read);
                    }
                }
            }
        }
        if let Some(label) = label {
            self.lists.push((List { name, label, fields: specs, site }, at));
        }
    }

    fn parameter(&mut self, fields: &mut Fields<'_>, name: Arc<str>, ty: Option<&Dynamic>) {
        let ty = type_of(fields, ty);
        let label = fields.label_of(None);
        let unit = fields.text("unit");
        let values = fields.required("values");
        let (Some(ty), Some(label), Some(values)) = (ty, label, values) else { return };
        let rows = maps(fields, "values", &values);
        let mut read = Vec::new();
        for (key, map) in rows {
            let mut inner = fields.inner(&key, map);
            let since = inner.required("since").and_then(|_| inner.date("since"));
            let value = inner.required("value");
            let value = value.and_then(|value| {
                let fitted = to_value(&value).and_then(|value| fit(value, ty));
                if fitted.is_none() {
                    inner.wrong("value", Shape::Value, &value);
                }
                fitted
            });
            let cite = self.citations(&mut inner, true);
            inner.finish();
            if let (Some(since), Some(value)) = (since, value) {
                read.push(ParameterValue { since, value, cite });
            }
        }
        read.sort_by_key(|value| value.since);
        self.parameters.push(Parameter { name, ty, label, unit, values: read, overridden: false });
    }

    fn table(&mut self, fields: &mut Fields<'_>, name: Arc<str>, site: crate::Site) {
        let label = fields.label_of(None);
        let unit = fields.text("unit");
        let cite = self.citations(fields, true);
        let rows = fields.raw("rows");
        let ranges = fields.raw("ranges");
        let entries = match (rows, ranges) {
            (Some(rows), None) => table_rows(fields, &rows),
            (None, Some(ranges)) => table_ranges(fields, &ranges),
            _ => {
                fields.required("rows");
                None
            }
        };
        if let (Some(label), Some((ty, entries))) = (label, entries) {
            self.tables.push(Table { name, label, unit, ty, entries, cite, site });
        }
    }

    fn item(&mut self, fields: &mut Fields<'_>, id: Arc<str>) {
        let name = fields.label_of(None);
        let lowest = fields.optional("lowest", Shape::Number, points);
        let highest = fields.optional("highest", Shape::Number, points);
        if let (Some(lowest), Some(highest)) = (lowest, highest)
            && lowest > highest
        {
            fields.report(Problem::BadLimits { kind: Declared::Item, id: id.to_string() }, "lowest");
        }
        let Some(group) = fields.declaration.group else {
            fields.report(Problem::NoGroup { kind: Declared::Item, id: id.to_string() }, "#id");
            return;
        };
        if let Some(name) = name {
            self.items.push(Item { id, name, lowest, highest, group });
        }
    }

    fn supervision(&mut self, fields: &mut Fields<'_>, id: &str) {
        let tier = Tier::ALL.into_iter().find(|tier| tier.name(crate::Lang::En) == id);
        if tier.is_none() {
            fields.wrong("#id", Shape::Tier, &id.into());
        }
        let control_level = fields.labels("control_level");
        let frequency = fields.labels("frequency");
        let every_days = fields.optional("every_days", Shape::Days, days);
        let verified_by = fields.labels("verified_by");
        let establish_days =
            fields.required("establish_days").and_then(|_| fields.optional("establish_days", Shape::Days, days));
        let cite = self.citations(fields, true);
        let group = fields.declaration.group;
        let (Some(tier), Some(control_level), Some(frequency)) = (tier, control_level, frequency) else { return };
        let (Some(verified_by), Some(establish_days)) = (verified_by, establish_days) else { return };
        self.supervision.push(Supervision {
            tier,
            control_level,
            frequency,
            every_days,
            verified_by,
            establish_days,
            cite,
            group,
        });
    }

    fn issued_list(&mut self, fields: &mut Fields<'_>, id: Arc<str>) {
        if !crate::lists::LIST_IDS.contains(&&*id) && !fields.is_full() {
            let nearest = fields.nearest(&id, crate::lists::LIST_IDS);
            fields.report(Problem::UnknownReference { kind: Declared::IssuedList, id: id.to_string(), nearest }, "#id");
        }
        let name = fields.label_of(None);
        let cite = self.citations(fields, true);
        if let Some(name) = name {
            self.issued_lists.push(IssuedList { id, name, cite });
        }
    }

    fn rule(&mut self, fields: &mut Fields<'_>, id: Arc<str>, at: usize) {
        let risk = fields.labels("risk");
        let finding = fields.labels("finding");
        let control = fields.labels("control");
        let when = fields.closure("when");
        let major = fields.optional("major", Shape::Bool, |value| value.as_bool().ok()).unwrap_or(false);
        let lasting = fields.optional("lasting", Shape::Bool, |value| value.as_bool().ok()).unwrap_or(false);
        let cite = self.citations(fields, true);
        let since = fields.required("since").and_then(|_| fields.date("since"));
        let until = fields.date("until");
        let replaces = fields.text("replaces");
        let within = fields.text("within");
        let owner = fields.required_text("owner");
        let has_days = fields.required("days");
        let days = has_days.and_then(|_| fields.optional("days", Shape::Days, days));
        if let (Some(since), Some(until)) = (since, until)
            && until <= since
        {
            let problem =
                Problem::DatesReversed { id: id.to_string(), since: since.to_string(), until: until.to_string() };
            fields.report(problem, "until");
        }
        if fields.declaration.group.is_none() {
            fields.report(Problem::NoGroup { kind: Declared::Rule, id: id.to_string() }, "#id");
        }
        let owner = owner.and_then(|owner| {
            let found = self.role_ids.get(&owner).copied();
            if found.is_none() && !fields.is_full() {
                let nearest = fields.nearest(&owner, self.roles.iter().map(|role| &*role.id));
                let problem = Problem::UnknownReference { kind: Declared::Role, id: owner.to_string(), nearest };
                fields.report(problem, "owner");
            }
            found
        });
        let effect = self.effect(fields, &id);
        let computed = matches!(effect, Some(EffectDraft::Points { amount: AmountDraft::Computed(_), .. }));
        if !fields.has("when") && effect.is_some() && !computed {
            fields.report(Problem::NoCondition { id: id.to_string() }, "#id");
            return;
        }
        if fields.has("when") && when.is_none() {
            return;
        }
        let (Some(risk), Some(finding), Some(control)) = (risk, finding, control) else { return };
        let (Some(effect), Some(since), Some(owner), Some(days)) = (effect, since, owner, days) else { return };
        self.rules.push(RuleDraft {
            id,
            risk,
            finding,
            control,
            when,
            effect,
            major,
            lasting,
            cite,
            since,
            until,
            replaces,
            within,
            owner,
            days,
            declaration: at,
        });
    }

    fn effect(&mut self, fields: &mut Fields<'_>, id: &str) -> Option<EffectDraft> {
        let tier = fields.raw("tier");
        let item = fields.raw("item");
        let deduct = fields.raw("deduct");
        let add = fields.raw("add");
        match (&tier, &deduct, &add) {
            (Some(tier), None, None) => {
                let mark = tier.clone().try_cast::<TierMark>();
                if mark.is_none() {
                    fields.wrong("tier", Shape::Tier, tier);
                }
                if item.is_some() {
                    fields.report(Problem::TwoEffects { id: id.to_owned() }, "item");
                }
                mark.map(|mark| EffectDraft::Floor(mark.0))
            }
            (None, Some(points), None) => self.points_effect(fields, id, item, "deduct", points),
            (None, None, Some(points)) => self.points_effect(fields, id, item, "add", points),
            (None, None, None) => {
                fields.report(Problem::NoEffect { id: id.to_owned() }, "#id");
                None
            }
            _ => {
                fields.report(Problem::TwoEffects { id: id.to_owned() }, "#id");
                None
            }
        }
    }

    fn points_effect(
        &mut self,
        fields: &mut Fields<'_>,
        id: &str,
        item: Option<Dynamic>,
        key: &'static str,
        value: &Dynamic,
    ) -> Option<EffectDraft> {
        let Some(item) = item else {
            fields.required("item");
            return None;
        };
        let Some(name) = to_text(&item) else {
            fields.wrong("item", Shape::Text, &item);
            return None;
        };
        let group = fields.declaration.group;
        let mine = |item: &&Item| Some(item.group) == group;
        let found = self.items.iter().position(|item| item.id == name && Some(item.group) == group);
        let Some(item) = found else {
            let nearest = fields.nearest(&name, self.items.iter().filter(mine).map(|item| &*item.id));
            fields.report(Problem::UnknownReference { kind: Declared::Item, id: name.to_string(), nearest }, "item");
            return None;
        };
        let deduct = key == "deduct";
        if let Some(formula) = value.clone().try_cast::<FnPtr>() {
            let capped = self
                .items
                .get(item)
                .is_some_and(|item| if deduct { item.lowest.is_some() } else { item.highest.is_some() });
            if !capped {
                fields.report(Problem::UncappedPoints { id: id.to_owned(), item: name.to_string() }, key);
            }
            return Some(EffectDraft::Points { item, deduct, amount: AmountDraft::Computed(formula) });
        }
        if to_number(value).is_none() {
            fields.wrong(key, Shape::PointsOrClosure, value);
            return None;
        }
        match points(value).filter(|points| points.thousandths() >= 0) {
            Some(points) => Some(EffectDraft::Points { item, deduct, amount: AmountDraft::Fixed(points) }),
            None => {
                fields.report(Problem::BadPoints { id: id.to_owned(), found: value.to_string() }, key);
                None
            }
        }
    }

    fn citations(&mut self, fields: &mut Fields<'_>, required: bool) -> Vec<Citation> {
        let value = if required { fields.required("cite") } else { fields.raw("cite") };
        let Some(value) = value else { return Vec::new() };
        let values =
            if value.is_array() { value.clone().into_array().unwrap_or_default() } else { vec![value.clone()] };
        if values.is_empty() {
            fields.wrong("cite", Shape::Citation, &value);
        }
        let mut read = Vec::with_capacity(values.len());
        let many = value.is_array();
        for (at, value) in values.into_iter().enumerate() {
            let key = if many { format!("cite.{at}") } else { "cite".to_owned() };
            match value.clone().try_cast::<CitationValue>() {
                Some(citation) => read.extend(self.citation(fields, citation, &key)),
                None => fields.wrong(&key, Shape::Citation, &value),
            }
        }
        read
    }

    fn citation(&mut self, fields: &mut Fields<'_>, value: CitationValue, key: &str) -> Option<Citation> {
        match value {
            CitationValue::Own { reason } => match to_text(&reason).filter(|reason| !reason.trim().is_empty()) {
                Some(reason) => Some(Citation::Own { reason }),
                None => {
                    fields.wrong(key, Shape::Text, &reason);
                    None
                }
            },
            CitationValue::Cite { document, article, basis, note } => {
                let id = to_text(&document);
                let Some(id) = id else {
                    fields.wrong(key, Shape::Text, &document);
                    return None;
                };
                let found = self.document_ids.get(&id).and_then(|at| self.documents.get(*at)).map(Arc::clone);
                if found.is_none() && !fields.is_full() {
                    let nearest = fields.nearest(&id, self.documents.iter().map(|document| &*document.id));
                    let problem = Problem::UnknownReference { kind: Declared::Document, id: id.to_string(), nearest };
                    fields.report(problem, key);
                }
                self.cited.insert(Arc::clone(&id));
                let article = to_text(&article).filter(|article| !article.trim().is_empty());
                if article.is_none() {
                    fields.report(Problem::NoArticle { id: fields.id.clone() }, key);
                }
                let mark = basis.clone().try_cast::<BasisMark>();
                if mark.is_none() {
                    fields.wrong(key, Shape::Basis, &basis);
                }
                let basis = if mark?.0 { Basis::Read } else { Basis::Recalled };
                Some(Citation::Clause {
                    document: found?,
                    article: article?,
                    basis,
                    note: note.as_ref().and_then(to_text),
                })
            }
        }
    }
}

fn type_of(fields: &mut Fields<'_>, ty: Option<&Dynamic>) -> Option<Type> {
    let ty = ty?;
    let mark = ty.clone().try_cast::<TypeMark>();
    if mark.is_none() {
        fields.wrong("#type", Shape::Type, ty);
        fields.forgive();
    }
    mark.map(|mark| mark.0)
}

/// The keys of a fact or field.
fn fact(fields: &mut Fields<'_>, name: Arc<str>, ty: Type, site: crate::Site) -> Option<Fact> {
    let kind = fields.kind;
    let id = fields.id.clone();
    let label = fields.label_of(None);
    let unit = fields.text("unit");
    let mut limit = |key: &'static str| {
        let value = fields.raw(key)?;
        let fitted = to_value(&value).and_then(|value| fit(value, ty)).filter(|value| number_of(value).is_some());
        if fitted.is_none() {
            fields.wrong(key, Shape::Value, &value);
        }
        fitted
    };
    let min = limit("min");
    let max = limit("max");
    if let (Some(low), Some(high)) = (min.as_ref().and_then(number_of), max.as_ref().and_then(number_of))
        && low > high
    {
        fields.report(Problem::BadLimits { kind, id: id.clone() }, "min");
    }
    let one_of = fields.texts("one_of");
    if !one_of.is_empty() && ty != Type::Text {
        fields.report(Problem::ClosedSetOfOther { kind, id: id.clone() }, "one_of");
    }
    let absent = fields.raw("absent").and_then(|value| {
        let fitted = to_value(&value).and_then(|value| fit(value, ty));
        if fitted.is_none() {
            fields.wrong("absent", Shape::Value, &value);
        }
        fitted
    });
    let worse = fields.optional("worse", Shape::Worse(ty), |value| {
        value.clone().try_cast::<WorseMark>().map(|mark| mark.0).filter(|worse| worse.fits(ty))
    });
    let mut fact = Fact { name, ty, label: label?, unit, min, max, one_of, absent: None, worse, site };
    if let Some(value) = absent {
        if fact.allows(&value) {
            fact.absent = Some(value);
        } else {
            fields.report(Problem::BadAbsent { id, value: value.to_string() }, "absent");
        }
    }
    Some(fact)
}

/// The maps of an array under a key, with their paths.
fn maps(fields: &mut Fields<'_>, key: &'static str, value: &Dynamic) -> Vec<(String, Map)> {
    let Ok(rows) = value.clone().into_array() else {
        fields.wrong(key, Shape::Array, value);
        return Vec::new();
    };
    let mut maps = Vec::with_capacity(rows.len());
    for (at, row) in rows.into_iter().enumerate() {
        match row.clone().try_cast::<Map>() {
            Some(map) => maps.push((format!("{key}.{at}"), map)),
            None => fields.wrong(&format!("{key}.{at}"), Shape::Map, &row),
        }
    }
    maps
}

fn scheme(fields: &mut Fields<'_>) -> Option<Scheme> {
    let value = fields.raw("score")?;
    let Some(map) = value.clone().try_cast::<Map>() else {
        fields.wrong("score", Shape::Map, &value);
        return None;
    };
    let mut score = fields.inner("score", map);
    let base = score.required("base").and_then(|_| score.optional("base", Shape::Number, points));
    let rows = score.required("bands");
    let mut bands = Vec::new();
    for (key, map) in rows.map(|rows| maps(&mut score, "bands", &rows)).unwrap_or_default() {
        let mut inner = score.inner(&key, map);
        let tier = inner.required("tier").and_then(|_| {
            inner.optional("tier", Shape::Tier, |value| value.clone().try_cast::<TierMark>().map(|mark| mark.0))
        });
        let from = inner.optional("from", Shape::Number, points);
        let below = inner.optional("below", Shape::Number, points);
        inner.finish();
        if let Some(tier) = tier {
            bands.push(Band { tier, from, below });
        }
    }
    score.finish();
    bands.sort_by_key(|band| band.from.map_or(i64::MIN, Points::thousandths));
    let site = fields.site("score.bands");
    Some(Scheme { base: base?, bands, site })
}

/// Values of one type; ints become floats where there is a float among them.
fn one_type(values: &[(String, Option<Value>)]) -> Option<Type> {
    let types: Vec<Type> = values.iter().filter_map(|(_, value)| value.as_ref().map(Value::ty)).collect();
    let first = *types.first()?;
    Some(if types.contains(&Type::Float) && types.iter().all(|ty| ty.is_number()) { Type::Float } else { first })
}

fn fit_rows(
    fields: &mut Fields<'_>,
    key: &str,
    rows: Vec<(String, Option<Value>)>,
) -> Option<(Type, Vec<(String, Value)>)> {
    let ty = one_type(&rows).unwrap_or(Type::Float);
    let mut fitted = Vec::with_capacity(rows.len());
    for (row, value) in rows {
        match value.and_then(|value| fit(value, ty)) {
            Some(value) => fitted.push((row, value)),
            None => {
                // Rows of a map by their key, ranges by their number.
                let (row, place) = match row.strip_prefix("ranges.") {
                    Some(at) => {
                        (at.parse().map_or(row.clone(), |at: usize| (at + 1).to_string()), format!("{row}.value"))
                    }
                    None => (row.clone(), format!("{key}.{row}")),
                };
                let problem = Problem::BadRow { id: fields.id.clone(), row, wrong: RowProblem::Type(ty) };
                fields.report(problem, &place);
            }
        }
    }
    Some((ty, fitted))
}

fn table_rows(fields: &mut Fields<'_>, value: &Dynamic) -> Option<(Type, Entries)> {
    let Some(map) = value.clone().try_cast::<Map>() else {
        fields.wrong("rows", Shape::Map, value);
        return None;
    };
    let rows = map.into_iter().map(|(key, value)| (key.to_string(), to_value(&value))).collect();
    let (ty, rows) = fit_rows(fields, "rows", rows)?;
    Some((ty, Entries::Rows(rows.into_iter().map(|(key, value)| (key.into(), value)).collect())))
}

fn table_ranges(fields: &mut Fields<'_>, value: &Dynamic) -> Option<(Type, Entries)> {
    let mut limits = Vec::new();
    let mut values = Vec::new();
    for (key, map) in maps(fields, "ranges", value) {
        let mut inner = fields.inner(&key, map);
        let mut limit = |key: &'static str| inner.optional(key, Shape::Number, to_number);
        let (from, above, below, to) = (limit("from"), limit("above"), limit("below"), limit("to"));
        let value = inner.required("value");
        inner.finish();
        limits.push((from, above, below, to));
        values.push((key, value.as_ref().and_then(to_value)));
    }
    let count = values.len();
    let (ty, values) = fit_rows(fields, "ranges", values)?;
    if values.len() != count {
        return None;
    }
    let entry = |((from, above, below, to), value)| RangeEntry { from, above, below, to, value };
    let entries: Vec<RangeEntry> =
        limits.into_iter().zip(values.into_iter().map(|(_, value)| value)).map(entry).collect();
    let mut wrong = |at: usize, key: &str, wrong: RowProblem| {
        let problem = Problem::BadRow { id: fields.id.clone(), row: (at + 1).to_string(), wrong };
        fields.report(problem, &format!("ranges.{at}.{key}"));
    };
    for (at, pair) in entries.windows(2).enumerate() {
        let [one, next] = pair else { continue };
        let rises = one
            .upper()
            .zip(next.lower())
            .is_some_and(|((end, has_end), (begin, has_begin))| end < begin || end == begin && !(has_end && has_begin));
        if !rises {
            wrong(at + 1, if next.above.is_some() { "above" } else { "from" }, RowProblem::Order);
        }
    }
    for (at, row) in entries.iter().enumerate() {
        if row.from.is_some() && row.above.is_some() || row.below.is_some() && row.to.is_some() {
            wrong(at, if row.above.is_some() { "above" } else { "to" }, RowProblem::TwoLimits);
        }
    }
    let is_reversed = |row: &RangeEntry| {
        row.lower()
            .zip(row.upper())
            .is_some_and(|((begin, has_begin), (end, has_end))| begin > end || begin == end && !(has_begin && has_end))
    };
    if let Some(at) = entries.iter().position(is_reversed) {
        let key = if entries.get(at).is_some_and(|row| row.to.is_some()) { "to" } else { "below" };
        wrong(at, key, RowProblem::Reversed);
    }
    Some((ty, Entries::Ranges(entries)))
}
