//! The page of parameters, tables and measures.

use risktier::{Entries, RuleBook};

use super::Page;
use super::text::{both, cell, citations, code, table};

pub fn page(book: &RuleBook) -> Page {
    let mut text =
        String::from("# Numbers, tables and measures / 参数、表与计算量\n\n[Contents / 目录](README.md)\n\n");
    text.push_str("## Parameters: a deployment may set them otherwise / 参数（各地可另定）\n\n");
    let rows = book.parameters().iter().flat_map(|parameter| {
        parameter.values.iter().map(move |value| {
            vec![
                format!("`{}`", parameter.name),
                both(&parameter.label),
                format!("{} {}", value.value, parameter.unit.as_deref().unwrap_or("")),
                value.since.to_string(),
                citations(&value.cite),
            ]
        })
    });
    text.push_str(&table(&["parameter", "what it is / 含义", "value / 取值", "since / 起", "from / 依据"], rows));
    text.push_str("## Measures: computed from the facts, reported with every grade / 计算量\n\n");
    let rows = book.measures().iter().map(|measure| {
        let unit = measure.unit.as_deref().unwrap_or("").to_owned();
        vec![format!("`{}`", measure.name), both(&measure.label), unit, code(&measure.formula)]
    });
    text.push_str(&table(&["measure", "what it is / 含义", "unit / 单位", "formula / 算法"], rows));
    text.push_str("## Tables / 表\n\n");
    for one in book.tables() {
        let unit = one.unit.as_deref().map(|unit| format!(", {unit}")).unwrap_or_default();
        text.push_str(&format!("### `{}`: {} / {}{unit}\n\n", one.name, one.label.en, one.label.zh));
        text.push_str(&format!("{}\n\n", citations(&one.cite)));
        match &one.entries {
            Entries::Rows(rows) => {
                let mut rows: Vec<_> = rows.iter().collect();
                rows.sort_by(|a, b| a.0.cmp(b.0));
                let rows = rows.into_iter().map(|(key, value)| vec![cell(key), value.to_string()]);
                text.push_str(&table(&["key", "value"], rows));
            }
            Entries::Ranges(ranges) => {
                let limit = |limit: Option<f64>, beyond: Option<f64>, sign: &str| match (limit, beyond) {
                    (Some(limit), _) => limit.to_string(),
                    (None, Some(beyond)) => format!("{sign} {beyond}"),
                    (None, None) => String::new(),
                };
                let rows = ranges.iter().map(|row| {
                    vec![limit(row.from, row.above, ">"), limit(row.below, row.to, "≤"), row.value.to_string()]
                });
                text.push_str(&table(&["from / 起", "below / 不足", "value"], rows));
            }
        }
    }
    Page { path: "numbers.md".into(), text }
}
