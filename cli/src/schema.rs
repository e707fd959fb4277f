//! `risktier schema`: the facts that the rules of a sector read, for people or as JSON Schema.

use comfy_table::{Cell, ContentArrangement};
use risktier::{Fact, ID_KEY, List, SECTOR_KEY, SectorFacts, Type};
use serde_json::{Map, Value, json};

use crate::Outcome;
use crate::args::SchemaArgs;
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use crate::register::known_sector;
use crate::report::{draw, table};
use crate::words::say;

pub fn run(args: &SchemaArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let grader = book::load(&args.book)?.as_of(book::grading_date(args.as_of)?);
    known_sector(&grader, &args.sector)?;
    let (Some(facts), Some(sector)) = (grader.facts_of(&args.sector), grader.book().sector(&args.sector)) else {
        return Err(CliError::Results(format!("the facts of `{}` are not known", args.sector)));
    };
    if args.json_schema {
        let schema = json_schema(&args.sector, sector.name.get(console.lang()), &facts, console.lang());
        console.line(format!("{schema:#}"))?;
    } else {
        print(&facts, console)?;
    }
    Ok(Outcome::Done)
}

fn print(facts: &SectorFacts<'_>, console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    let mut sheet =
        table(&say(lang, ["fact", "type", "unit", "range", "what it is"], ["事实", "类型", "单位", "范围", "含义"]));
    sheet.set_content_arrangement(ContentArrangement::Dynamic).set_width(120);
    let mut add = |name: &str, ty: &str, fact: Option<&Fact>, label: &str| {
        let unit = fact.and_then(|fact| fact.unit.as_deref()).unwrap_or("");
        let range = fact.map(range).unwrap_or_default();
        sheet.add_row([name, ty, unit, &range, label].map(Cell::new));
    };
    for fact in &facts.facts {
        add(&fact.name, fact.ty.name(), Some(fact), fact.label.get(lang));
    }
    for list in &facts.lists {
        add(&list.name, "list", None, list.label.get(lang));
        for field in &list.fields {
            add(&format!("{}.{}", list.name, field.name), field.ty.name(), Some(field), field.label.get(lang));
        }
    }
    draw(&sheet, console)
}

/// `0 to 100`, `0 or more`, or the values that a text can have.
fn range(fact: &Fact) -> String {
    let limits = match (&fact.min, &fact.max) {
        _ if !fact.one_of.is_empty() => fact.one_of.join(" | "),
        (Some(min), Some(max)) => format!("{min}..{max}"),
        (Some(min), None) => format!(">= {min}"),
        (None, Some(max)) => format!("<= {max}"),
        (None, None) => String::new(),
    };
    let absent = fact.absent.as_ref().map(|absent| format!("absent: {absent}"));
    let worse = fact.worse.map(|worse| format!("worse: {}", worse.name()));
    let parts = [Some(limits).filter(|limits| !limits.is_empty()), absent, worse];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// A firm of a sector as a JSON Schema. Facts that the sector does not read may be there, as in a register of several.
fn json_schema(sector: &str, title: &str, facts: &SectorFacts<'_>, lang: risktier::Lang) -> Value {
    let mut properties = Map::new();
    properties.insert(ID_KEY.into(), json!({ "type": ["string", "integer", "null"] }));
    let names = json!({ "type": "string" });
    let several = json!({ "type": "array", "items": names, "contains": { "const": sector } });
    properties.insert(SECTOR_KEY.into(), json!({ "anyOf": [names, several] }));
    for fact in &facts.facts {
        properties.insert(fact.name.to_string(), fact_schema(fact, lang));
    }
    for list in &facts.lists {
        properties.insert(list.name.to_string(), list_schema(list, lang));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "required": [SECTOR_KEY],
        "properties": properties,
    })
}

fn list_schema(list: &List, lang: risktier::Lang) -> Value {
    let fields: Map<String, Value> =
        list.fields.iter().map(|field| (field.name.to_string(), fact_schema(field, lang))).collect();
    json!({
        "description": list.label.get(lang),
        "type": ["array", "null"],
        "items": { "type": ["object", "null"], "properties": fields },
    })
}

fn fact_schema(fact: &Fact, lang: risktier::Lang) -> Value {
    let ty = match fact.ty {
        Type::Bool => "boolean",
        Type::Int => "integer",
        Type::Float => "number",
        Type::Text | Type::Date => "string",
    };
    let mut schema = Map::new();
    let unit = fact.unit.as_ref().map(|unit| format!(" ({unit})")).unwrap_or_default();
    schema.insert("description".into(), format!("{}{unit}", fact.label.get(lang)).into());
    schema.insert("type".into(), json!([ty, "null"]));
    if fact.ty == Type::Date {
        schema.insert("format".into(), "date".into());
    }
    if !fact.one_of.is_empty() {
        let values = fact.one_of.iter().map(|value| Value::from(&**value)).chain([Value::Null]);
        schema.insert("enum".into(), values.collect());
    }
    if fact.ty.is_number() {
        if let Some(min) = &fact.min {
            schema.insert("minimum".into(), json!(min));
        }
        if let Some(max) = &fact.max {
            schema.insert("maximum".into(), json!(max));
        }
    }
    if let Some(absent) = &fact.absent {
        schema.insert("default".into(), json!(absent));
    }
    Value::Object(schema)
}
