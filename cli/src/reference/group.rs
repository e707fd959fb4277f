//! The page of a sector, or of a part that sectors take over.

use risktier::{Amount, Effect, Label, Part, Points, Rule, RuleBook, Sector, Tier};

use super::Page;
use super::text::{both, cell, citations, code, kind, table, tier};

pub fn sector(book: &RuleBook, sector: &Sector) -> Page {
    let mut text = heading(&sector.name, &sector.id);
    if let Some(field) = sector.key_field.as_deref().and_then(|id| book.key_field(id)) {
        text.push_str(&format!("Key field: {} / {}\n\n", field.name.en, field.name.zh));
    }
    if !sector.codes.is_empty() {
        text.push_str(&format!("GB/T 4754: {}\n\n", sector.codes.join(", ")));
    }
    if !sector.parts.is_empty() {
        let links: Vec<String> = sector.parts.iter().map(|id| format!("[{id}](../parts/{id}.md)")).collect();
        text.push_str(&format!("Takes over / 采用: {}\n\n", links.join(", ")));
    }
    if let Some(scheme) = &sector.scheme {
        text.push_str(&format!("The score starts at {} / 起评分 {}。\n\n", scheme.base, scheme.base));
        let limit = |points: Option<Points>| points.map(|points| points.to_string()).unwrap_or_default();
        let rows = scheme.bands.iter().map(|band| vec![tier(band.tier), limit(band.from), limit(band.below)]);
        text.push_str(&table(&["tier / 等级", "from / 起", "below / 不足"], rows));
    }
    let of_parts: Vec<usize> = book
        .parts()
        .iter()
        .filter(|part| sector.parts.contains(&part.id))
        .flat_map(|part| part.rules.iter().copied())
        .collect();
    let own = sector.rules.iter().filter(|rule| !of_parts.contains(rule));
    text.push_str(&rules(book, &own.filter_map(|rule| book.rules().get(*rule)).collect::<Vec<_>>()));
    Page { path: format!("sectors/{}.md", sector.id), text }
}

pub fn part(book: &RuleBook, part: &Part) -> Page {
    let mut text = heading(&part.name, &part.id);
    let users: Vec<String> = book
        .sectors()
        .iter()
        .filter(|sector| sector.parts.contains(&part.id))
        .map(|sector| format!("[{}](../sectors/{}.md)", sector.id, sector.id))
        .collect();
    text.push_str(&format!("Taken over by / 采用行业: {}\n\n", users.join(", ")));
    text.push_str(&rules(book, &part.rules.iter().filter_map(|rule| book.rules().get(*rule)).collect::<Vec<_>>()));
    Page { path: format!("parts/{}.md", part.id), text }
}

/// Stands on every page of a sector or part.
pub const BACK: &str = "[contents / 目录](../README.md)";

fn heading(name: &Label, id: &str) -> String {
    format!("# {} / {}\n\n`{id}` · {BACK}\n\n", name.en, name.zh)
}

/// The rules: floors by tier, then scored items; and the facts that they read.
fn rules(book: &RuleBook, rules: &[&Rule]) -> String {
    let mut text = String::new();
    let head = ["rule / 规则", "what is wrong / 问题", "when / 条件", "from / 依据", "measure / 措施"];
    for level in Tier::ALL.iter().rev() {
        let floors: Vec<&&Rule> =
            rules.iter().filter(|rule| matches!(rule.effect, Effect::Floor(tier) if tier == *level)).collect();
        if !floors.is_empty() {
            text.push_str(&format!("## At least {}\n\n", tier(*level)));
            text.push_str(&table(&head, floors.into_iter().map(|rule| row(book, rule, None))));
        }
    }
    let mut items: Vec<usize> = Vec::new();
    for rule in rules {
        if let Effect::Points { item, .. } = rule.effect
            && !items.contains(&item)
        {
            items.push(item);
        }
    }
    for at in items {
        let Some(item) = book.items().get(at) else { continue };
        let limit =
            |name: &str, points: Option<Points>| points.map(|points| format!(" ({name} {points})")).unwrap_or_default();
        let limits = format!("{}{}", limit("at least / 最低", item.lowest), limit("at most / 最高", item.highest));
        text.push_str(&format!("## Score: {} / {}{limits}\n\n", item.name.en, item.name.zh));
        let scored = rules.iter().filter_map(|rule| match &rule.effect {
            Effect::Points { item, deduct, amount } if *item == at => {
                let sign = if *deduct { '−' } else { '+' };
                let points = match amount {
                    Amount::Fixed(points) => format!("{sign}{points}"),
                    Amount::Computed(formula) => format!("{sign} {}", code(&formula.text)),
                };
                Some(row(book, rule, Some(points)))
            }
            _ => None,
        });
        text.push_str(&table(&head, scored));
    }
    text.push_str(&facts(book, rules));
    text
}

fn row(book: &RuleBook, rule: &Rule, points: Option<String>) -> Vec<String> {
    let until = rule.until.map(|until| format!(", until {until}")).unwrap_or_default();
    let named = |word: &str, id: &Option<std::sync::Arc<str>>| {
        id.as_ref().map(|id| format!("<br>{word} `{id}`")).unwrap_or_default()
    };
    let others = format!("{}{}", named("replaces / 替代", &rule.replaces), named("case of / 属于", &rule.within));
    let major = if rule.major { "<br>major hazard / 重大事故隐患" } else { "" };
    let when = rule.condition.as_deref().map(code);
    let when = [when, points].into_iter().flatten().collect::<Vec<_>>().join("<br>");
    let owner =
        book.roles().get(rule.owner).map(|role| format!("{} / {}", role.name.en, role.name.zh)).unwrap_or_default();
    let lasting = if rule.lasting { "<br>passes with time / 随时间消除" } else { "" };
    vec![
        format!("<a id=\"{0}\"></a>**{0}**{major}", rule.id),
        format!("{}<br>*{}*", both(&rule.finding), cell(&format!("{} / {}", rule.risk.en, rule.risk.zh))),
        when,
        format!("{}<br>since {}{until}{others}", citations(&rule.cite), rule.since),
        format!("{}<br>{}, {} d{lasting}", both(&rule.control), cell(&owner), rule.days),
    ]
}

fn facts(book: &RuleBook, rules: &[&Rule]) -> String {
    let read = book.facts_read_by(rules.iter().copied());
    let mut text = String::new();
    let head = ["fact / 事实", "what it is / 含义", "type, unit, range / 类型、单位、范围"];
    if !read.facts.is_empty() {
        text.push_str("## Facts that these rules read / 所用事实\n\n");
        let rows = read.facts.iter().map(|fact| vec![format!("`{}`", fact.name), both(&fact.label), kind(fact)]);
        text.push_str(&table(&head, rows));
    }
    for list in &read.lists {
        text.push_str(&format!("### List `{}`: {} / {}\n\n", list.name, list.label.en, list.label.zh));
        let rows = list.fields.iter().map(|field| vec![format!("`{}`", field.name), both(&field.label), kind(field)]);
        text.push_str(&table(&head, rows));
    }
    text
}
