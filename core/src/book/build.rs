//! Builds a book: runs the scripts, reads the declarations, lowers the closures, checks the whole, and names it by a hash.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rhai::Position;

use super::amend::amend;
use super::identity::hash;
use super::model::*;
use super::read::{AmountDraft, Drafts, EffectDraft, RuleDraft, read};
use super::{BookData, Overrides, RuleBook, checks, nearest};
use crate::diagnostic::{BookError, Declared, Diagnostic, Limit, Problem, Reports};
use crate::expr::lower::{Lowerer, MeasureSource, MeasureState, Symbol, Symbols, TableSymbol, Wanted};
use crate::expr::{CmpOp, Constant, Op};
use crate::script::{self, MAX_ADOPTED, MAX_RULES, Scripts};
use crate::{Date, Site, Tier, Type, Value};

/// Puts a [`RuleBook`] together from scripts and overrides.
#[derive(Debug, Clone, Default)]
pub struct RuleBookBuilder {
    sources: BTreeMap<String, Arc<str>>,
    overrides: Overrides,
}

impl RuleBookBuilder {
    /// Adds a script. A later one of the same name takes the place of an earlier one.
    #[must_use]
    pub fn source(mut self, name: impl Into<String>, text: impl Into<String>) -> RuleBookBuilder {
        self.sources.insert(name.into(), text.into().into());
        self
    }

    /// Gives a parameter another value from a day on, in place of all its values in the scripts. Call it again for
    /// later days.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, since: Date, value: Value) -> RuleBookBuilder {
        self.overrides.entry(name.into()).or_default().push((since, value));
        self
    }

    /// Loads and checks everything.
    ///
    /// # Errors
    /// Every error and warning in the scripts, if there is an error.
    pub fn build(self) -> Result<RuleBook, BookError> {
        let mut scripts = script::run(&self.sources);
        let mut diagnostics = std::mem::take(&mut scripts.diagnostics);
        amend(&mut scripts, &mut diagnostics);
        let mut drafts = read(&scripts);
        apply_overrides(&mut drafts, &self.overrides, &mut diagnostics);
        diagnostics.append(std::mem::take(&mut drafts.diagnostics));
        let mut data = assemble(&scripts, drafts, &mut diagnostics);
        if scripts.incomplete {
            // What a script that could not be read declares is not unknown.
            diagnostics.retain(|problem| !problem.is_about_absence());
        }
        checks::check(&scripts, &data, &mut diagnostics);
        if diagnostics.has_errors() {
            return Err(BookError::new(diagnostics.finish()));
        }
        data.warnings = diagnostics.finish();
        data.hash = hash(&self.sources, &self.overrides);
        data.sources = self.sources;
        data.overrides = self.overrides;
        Ok(RuleBook { data: Arc::new(data) })
    }
}

fn apply_overrides(drafts: &mut Drafts, overrides: &Overrides, diagnostics: &mut Reports) {
    let site = || Site { script: "parameters".into(), line: 0, column: 0 };
    for (name, values) in overrides {
        let Some(parameter) = drafts.parameters.iter_mut().find(|known| &*known.name == name) else {
            let nearest = nearest(name, drafts.parameters.iter().map(|known| &*known.name));
            let problem = Problem::UnknownReference { kind: Declared::Parameter, id: name.clone(), nearest };
            diagnostics.push(Diagnostic::new(problem, site(), None, None));
            continue;
        };
        if let Some((_, value)) = values.iter().find(|(_, value)| value.ty() != parameter.ty) {
            let problem = Problem::WrongOverride { id: name.clone(), expected: parameter.ty, found: value.ty() };
            diagnostics.push(Diagnostic::new(problem, site(), None, None));
            continue;
        }
        let reason: Arc<str> = "given when the book was built".into();
        let given = values.iter().map(|(since, value)| ParameterValue {
            since: *since,
            value: value.clone(),
            cite: vec![Citation::Own { reason: Arc::clone(&reason) }],
        });
        parameter.values = given.collect();
        parameter.values.sort_by_key(|value| value.since);
        parameter.overridden = true;
    }
}

fn symbols(drafts: &Drafts) -> Symbols {
    let mut symbols = Symbols::default();
    for (at, (fact, _)) in drafts.facts.iter().enumerate() {
        symbols.firm.insert(fact.name.to_string(), Symbol::Fact(at as u32, fact.ty));
    }
    for (at, (list, _)) in drafts.lists.iter().enumerate() {
        symbols.firm.insert(list.name.to_string(), Symbol::List(at as u32));
        let fields = list.fields.iter().map(|field| (field.name.to_string(), field.ty)).collect();
        symbols.lists.push((list.name.to_string(), fields));
    }
    for (at, measure) in drafts.measures.iter().enumerate() {
        symbols.firm.insert(measure.name.to_string(), Symbol::Measure(at));
    }
    for (at, parameter) in drafts.parameters.iter().enumerate() {
        symbols.parameters.insert(parameter.name.to_string(), (at as u32, parameter.ty));
    }
    for (at, table) in drafts.tables.iter().enumerate() {
        let by_text = matches!(table.entries, Entries::Rows(_));
        symbols.tables.insert(table.name.to_string(), TableSymbol { index: at as u32, by_text, ty: table.ty });
    }
    symbols
}

/// Lowers everything and links it together.
fn assemble(scripts: &Scripts, drafts: Drafts, diagnostics: &mut Reports) -> BookData {
    let place = |declaration: usize| {
        scripts.declarations.get(declaration).map_or((0, Position::NONE), |one| (one.script, one.position))
    };
    let sources = drafts.measures.iter().map(|draft| {
        let (script, position) = place(draft.declaration);
        MeasureSource {
            name: draft.name.to_string(),
            ty: draft.ty,
            formula: Some(draft.formula.clone()),
            script,
            position,
            state: MeasureState::Waiting,
        }
    });
    let mut lowerer = Lowerer::new(scripts, symbols(&drafts), sources.collect());

    let mut measures = Vec::with_capacity(drafts.measures.len());
    for (at, draft) in drafts.measures.into_iter().enumerate() {
        let (script, position) = place(draft.declaration);
        if let Some(node) = lowerer.measure(at) {
            measures.push(Measure {
                name: draft.name,
                ty: draft.ty,
                label: draft.label,
                unit: draft.unit,
                formula: scripts.closure_text(&draft.formula, script),
                node,
                site: scripts.site(script, position),
            });
        }
    }

    if drafts.rules.len() > MAX_RULES {
        let (script, position) =
            drafts.rules.get(MAX_RULES).map_or((0, Position::NONE), |rule| place(rule.declaration));
        diagnostics.push(scripts.diagnostic(Problem::Limit { what: Limit::Rules(MAX_RULES) }, script, position));
    }
    unknown_rules(scripts, &drafts.rules, diagnostics);
    let mut rules = Vec::with_capacity(drafts.rules.len());
    let mut groups = Vec::with_capacity(drafts.rules.len());
    for draft in drafts.rules.into_iter().take(MAX_RULES) {
        let (script, position) = place(draft.declaration);
        groups.push(scripts.declarations.get(draft.declaration).and_then(|one| one.group));
        if let Some(rule) = lower_rule(scripts, &mut lowerer, draft, script, position) {
            rules.push(rule);
        } else {
            groups.pop();
        }
    }

    let mut by_group: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, group) in groups.iter().enumerate() {
        if let Some(group) = group {
            by_group.entry(*group).or_default().push(at);
        }
    }
    let of_group = |declaration: usize| by_group.get(&declaration).cloned().unwrap_or_default();
    let mut parts: Vec<Part> = Vec::new();
    let mut part_ids: HashMap<Arc<str>, usize> = HashMap::new();
    for group in drafts.groups.iter().filter(|group| group.sector.is_none()) {
        part_ids.entry(Arc::clone(&group.id)).or_insert(parts.len());
        parts.push(Part { id: Arc::clone(&group.id), name: group.name.clone(), rules: of_group(group.declaration) });
    }
    let mut sectors = Vec::new();
    let mut adopted = 0;
    for group in drafts.groups {
        let Some(sector) = group.sector else { continue };
        let (script, position) = place(group.declaration);
        let mut rules = of_group(group.declaration);
        let mut used = HashSet::new();
        for (at, id) in sector.uses.iter().enumerate() {
            match part_ids.get(id).and_then(|part| parts.get(*part)) {
                Some(_) if !used.insert(Arc::clone(id)) => {}
                Some(part) if adopted + rules.len() + part.rules.len() <= MAX_ADOPTED => rules.extend(&part.rules),
                Some(_) => {
                    let what = Limit::Adopted(MAX_ADOPTED);
                    diagnostics.push(scripts.diagnostic(Problem::Limit { what }, script, position));
                }
                None if diagnostics.is_full() => {}
                None => {
                    let nearest = diagnostics.nearest(id, parts.iter().map(|part| &*part.id));
                    let problem = Problem::UnknownReference { kind: Declared::Part, id: id.to_string(), nearest };
                    if let Some(declaration) = scripts.declarations.get(group.declaration) {
                        diagnostics.push(scripts.diagnostic_in(problem, declaration, &format!("uses.{at}")));
                    }
                }
            }
        }
        adopted += rules.len();
        sectors.push(Sector {
            id: group.id,
            name: group.name,
            key_field: sector.key_field,
            codes: sector.codes,
            parts: sector.uses,
            scheme: sector.scheme,
            supervision: Tier::ALL.map(|tier| {
                let of = |group| drafts.supervision.iter().find(|one| one.tier == tier && one.group == group);
                of(Some(group.declaration)).or_else(|| of(None)).cloned()
            }),
            rules,
            site: scripts.site(script, position),
        });
    }
    diagnostics.append(std::mem::take(&mut lowerer.diagnostics));
    if !diagnostics.has_errors() {
        let documents = scripts.declarations.iter().filter(|one| one.kind == Declared::Document);
        for (one, document) in documents.zip(&drafts.documents) {
            if !drafts.cited.contains(&document.id) {
                let problem = Problem::UncitedDocument { id: document.id.to_string() };
                diagnostics.push(scripts.diagnostic_in(problem, one, "#id"));
            }
        }
    }

    BookData {
        sources: BTreeMap::new(),
        overrides: BTreeMap::new(),
        hash: "".into(),
        warnings: Vec::new(),
        documents: drafts.documents,
        roles: drafts.roles,
        key_fields: drafts.key_fields,
        sectors,
        parts,
        facts: drafts.facts.into_iter().map(|(fact, _)| fact).collect(),
        lists: drafts.lists.into_iter().map(|(list, _)| list).collect(),
        measures,
        parameters: drafts.parameters,
        tables: drafts.tables,
        items: drafts.items,
        issued_lists: drafts.issued_lists,
        rules,
        graph: lowerer.graph,
        first_sites: lowerer.first_sites,
    }
}

/// Rules that name other rules which the book does not have.
fn unknown_rules(scripts: &Scripts, rules: &[RuleDraft], diagnostics: &mut Reports) {
    let ids: HashSet<&str> = rules.iter().map(|rule| &*rule.id).collect();
    for rule in rules {
        for (key, named) in [("replaces", &rule.replaces), ("within", &rule.within)] {
            let Some(named) = named.as_ref().filter(|named| !ids.contains(&***named) || **named == rule.id) else {
                continue;
            };
            let nearest = diagnostics.nearest(named, rules.iter().map(|rule| &*rule.id));
            // A part may stand in a book without the sector whose rule it names.
            let problem = if key == "within" && **named != *rule.id {
                Problem::UnknownWithin { id: rule.id.to_string(), named: named.to_string(), nearest }
            } else {
                Problem::UnknownReference { kind: Declared::Rule, id: named.to_string(), nearest }
            };
            if let Some(declaration) = scripts.declarations.get(rule.declaration) {
                diagnostics.push(scripts.diagnostic_in(problem, declaration, key));
            }
        }
    }
}

fn lower_rule(
    scripts: &Scripts,
    lowerer: &mut Lowerer<'_>,
    draft: RuleDraft,
    script: usize,
    position: Position,
) -> Option<Rule> {
    let owner = (Declared::Rule, &*draft.id);
    let mut fault_sites = Vec::new();
    let mut conditions = Vec::new();
    let when =
        draft.when.as_ref().map(|when| lowerer.closure(when, script, position, owner, Wanted::Exactly(Type::Bool)));
    let condition = draft.when.as_ref().map(|when| scripts.closure_text(when, script));
    let effect = match draft.effect {
        EffectDraft::Floor(tier) => Effect::Floor(tier),
        EffectDraft::Points { item, deduct, amount: AmountDraft::Fixed(points) } => {
            Effect::Points { item, deduct, amount: Amount::Fixed(points) }
        }
        EffectDraft::Points { item, deduct, amount: AmountDraft::Computed(formula) } => {
            let (number, sites) = lowerer.closure(&formula, script, position, owner, Wanted::Number)?;
            fault_sites.extend(sites);
            let node = lowerer.graph.unary(Op::PointsOf, number, Type::Int);
            fault_sites.push((node, scripts.site(script, position)));
            // Fired only with points that are known: more than none where that is all the condition there is.
            let zero = lowerer.graph.constant(Constant::Int(0));
            let least = if draft.when.is_some() { CmpOp::Ge } else { CmpOp::Gt };
            conditions.push(lowerer.graph.binary(|a, b| Op::Cmp(least, a, b), node, zero, Type::Bool));
            let text = scripts.closure_text(&formula, script);
            Effect::Points { item, deduct, amount: Amount::Computed(Formula { text, node }) }
        }
    };
    if let Some(when) = when {
        let (node, sites) = when?;
        fault_sites.extend(sites);
        conditions.push(node);
    }
    let outcome = lowerer.graph.and(&conditions);
    if let (Some(Constant::Bool(value)), Some(when)) = (lowerer.graph.as_constant(outcome), &draft.when) {
        let problem = Problem::ConstantCondition { id: draft.id.to_string(), value: *value };
        let (script, position) = scripts.closure_place(when, script).unwrap_or((script, position));
        lowerer.diagnostics.push(scripts.diagnostic(problem, script, position));
    }
    Some(Rule {
        id: draft.id,
        risk: draft.risk,
        finding: draft.finding,
        control: draft.control,
        condition,
        effect,
        major: draft.major,
        lasting: draft.lasting,
        cite: draft.cite,
        since: draft.since,
        until: draft.until,
        replaces: draft.replaces,
        within: draft.within,
        owner: draft.owner,
        days: draft.days,
        site: scripts.site(script, position),
        outcome,
        fault_sites,
    })
}
