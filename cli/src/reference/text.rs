//! How things of the book are written in Markdown.

use risktier::{Citation, Fact, Label, Lang, Tier, Value};

/// Texts of both languages, one below the other in a cell.
pub fn both(label: &Label) -> String {
    cell(&format!("{}<br>{}", label.en, label.zh))
}

/// A text that may stand in a cell of a table.
pub fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// Code of one line, in a cell of a table: blanks of the layout are left out.
pub fn code(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("`{}`", text.replace('|', "\\|"))
}

pub fn tier(tier: Tier) -> String {
    format!("{} / {}", tier.name(Lang::En), tier.name(Lang::Zh))
}

pub fn citations(cite: &[Citation]) -> String {
    cell(&cite.iter().map(|cite| cite.text(Lang::En)).collect::<Vec<_>>().join("<br>"))
}

/// Type, unit and range of a fact.
pub fn kind(fact: &Fact) -> String {
    let mut parts = vec![fact.ty.name().to_owned()];
    parts.extend(fact.unit.as_ref().map(|unit| unit.to_string()));
    let limit = |sign: &str, value: &Option<Value>| value.as_ref().map(|value| format!("{sign} {value}"));
    parts.extend(limit("≥", &fact.min));
    parts.extend(limit("≤", &fact.max));
    if !fact.one_of.is_empty() {
        parts.push(fact.one_of.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" "));
    }
    parts.extend(fact.absent.as_ref().map(|value| format!("not recorded means `{value}`")));
    parts.extend(fact.worse.map(|worse| format!("worse: {}", worse.name())));
    cell(&parts.join(", "))
}

/// Lines of a table below its head.
pub fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    text.push('\n');
    text
}
