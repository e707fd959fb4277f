//! The first page, and the page of documents.

use risktier::{Basis, Citation, Effect, Rule, RuleBook, Tier};

use super::Page;
use super::text::{both, cell, citations, table, tier};

pub fn page(book: &RuleBook) -> Page {
    let mut text = format!(
        "# The rule book / 规则册\n\n\
         {} sectors, {} rules. Written by `risktier reference` from the scripts, which are what counts: do not edit.\n\n\
         The sectors, the key fields, the colours and the names of the lists are this book's own choice, no official list; a rule \
         that cites `own judgement` is too. A clause marked *from memory* was not read by the author of the rule.\n\n\
         行业、重点领域、颜色和清单名称由本规则册自定，不是官方目录；标注 from memory 的条款未经核对原文。\n\n\
         [Numbers, tables and measures / 参数、表与计算量](numbers.md) · [Documents / 引用文件](documents.md)\n\n",
        book.sectors().len(),
        book.rules().len()
    );
    text.push_str("## Sectors / 行业\n\n");
    let floors = |rules: &[usize], level: Tier| {
        let of = |rule: &&usize| {
            book.rules().get(**rule).is_some_and(|rule| matches!(rule.effect, Effect::Floor(tier) if tier == level))
        };
        rules.iter().filter(of).count().to_string()
    };
    let rows = book.sectors().iter().map(|sector| {
        let field = sector.key_field.as_deref().and_then(|id| book.key_field(id)).map(|field| both(&field.name));
        let mut row = vec![
            format!("[{}](sectors/{}.md)", sector.id, sector.id),
            both(&sector.name),
            field.unwrap_or_default(),
            sector.rules.len().to_string(),
        ];
        row.extend(Tier::ALL.iter().rev().take(3).map(|level| floors(&sector.rules, *level)));
        row
    });
    let head = ["sector", "name / 名称", "key field / 重点领域", "rules", "red / 红", "orange / 橙", "yellow / 黄"];
    text.push_str(&table(&head, rows));
    text.push_str("The numbers count the rules of the parts that a sector takes over.\n\n## Parts / 通用部分\n\n");
    let rows = book.parts().iter().map(|part| {
        vec![format!("[{}](parts/{}.md)", part.id, part.id), both(&part.name), part.rules.len().to_string()]
    });
    text.push_str(&table(&["part", "name / 名称", "rules"], rows));
    text.push_str("## What follows from a tier / 等级对应的管控与监管\n\n");
    // Of the first sector that follows the book's own; sectors may set their own.
    let supervision = book.sectors().first().map(|sector| sector.supervision.iter().flatten().rev());
    let rows = supervision.into_iter().flatten().map(|one| {
        vec![
            tier(one.tier),
            both(&one.control_level),
            both(&one.frequency),
            one.every_days.map(|days| days.to_string()).unwrap_or_default(),
            both(&one.verified_by),
            citations(&one.cite),
        ]
    });
    let head = [
        "tier / 等级",
        "controlled by / 管控层级",
        "supervision / 监管",
        "days / 天",
        "verified by / 验收",
        "from / 依据",
    ];
    text.push_str(&table(&head, rows));
    text.push_str("## The three lists / 三单\n\n");
    let rows =
        book.issued_lists().iter().map(|list| vec![format!("`{}`", list.id), both(&list.name), citations(&list.cite)]);
    text.push_str(&table(&["list", "name / 名称", "from / 依据"], rows));
    Page { path: "README.md".into(), text }
}

pub fn documents(book: &RuleBook) -> Page {
    let mut text = String::from("# Documents / 引用文件\n\n[Contents / 目录](README.md)\n\n");
    let rows = book.documents().iter().map(|document| {
        let cited = |rule: &&Rule, wanted: Basis| {
            let of = |cite: &Citation| matches!(cite, Citation::Clause { document: of, basis, .. } if of.id == document.id && *basis == wanted);
            rule.cite.iter().any(of)
        };
        let count = |wanted| book.rules().iter().filter(|rule| cited(rule, wanted)).count().to_string();
        let title = match &document.title_en {
            Some(english) => format!("{english}<br>{}", document.title),
            None => document.title.to_string(),
        };
        vec![
            format!("`{}`", document.id),
            cell(&document.url.as_ref().map_or(title.clone(), |url| format!("{title}<br>[text]({url})"))),
            cell(&document.number),
            document.issuer.as_deref().map(cell).unwrap_or_default(),
            document.date.map(|date| date.to_string()).unwrap_or_default(),
            count(Basis::Read),
            count(Basis::Recalled),
        ]
    });
    let head = [
        "id",
        "title / 名称",
        "number / 文号",
        "issuer / 发布机关",
        "date / 日期",
        "rules, read / 已核对",
        "from memory / 凭记忆",
    ];
    text.push_str(&table(&head, rows));
    Page { path: "documents.md".into(), text }
}
