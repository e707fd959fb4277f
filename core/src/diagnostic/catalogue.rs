//! Every problem that a rule script can have: its code and its texts in English and Chinese, in one place.

use crate::Lang;

/// What a script declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Declared {
    Document,
    Role,
    Sector,
    Part,
    Fact,
    List,
    Field,
    Measure,
    Parameter,
    Table,
    Item,
    Rule,
}

impl Declared {
    pub(crate) const fn word(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Declared::Document, Lang::En) => "document",
            (Declared::Document, Lang::Zh) => "文件",
            (Declared::Role, Lang::En) => "role",
            (Declared::Role, Lang::Zh) => "岗位",
            (Declared::Sector, Lang::En) => "sector",
            (Declared::Sector, Lang::Zh) => "行业",
            (Declared::Part, Lang::En) => "part",
            (Declared::Part, Lang::Zh) => "通用部分",
            (Declared::Fact, Lang::En) => "fact",
            (Declared::Fact, Lang::Zh) => "指标",
            (Declared::List, Lang::En) => "list",
            (Declared::List, Lang::Zh) => "列表",
            (Declared::Field, Lang::En) => "field",
            (Declared::Field, Lang::Zh) => "字段",
            (Declared::Measure, Lang::En) => "measure",
            (Declared::Measure, Lang::Zh) => "计算量",
            (Declared::Parameter, Lang::En) => "parameter",
            (Declared::Parameter, Lang::Zh) => "参数",
            (Declared::Table, Lang::En) => "table",
            (Declared::Table, Lang::Zh) => "表",
            (Declared::Item, Lang::En) => "scored item",
            (Declared::Item, Lang::Zh) => "评分项目",
            (Declared::Rule, Lang::En) => "rule",
            (Declared::Rule, Lang::Zh) => "规则",
        }
    }
}

/// Everything that can be wrong with a script. The fields are what its texts need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    // Reading and running a script.
    Syntax { reason: String },
    Run { reason: String },
    UnknownImport { name: String, nearest: Option<String> },
    ImportCycle { path: String },
    Limit { what: Limit },
    // Declarations.
    DuplicateId { kind: Declared, id: String, first: String },
    BadId { kind: Declared, id: String },
    Missing { kind: Declared, id: String, key: &'static str },
    WrongKind { kind: Declared, id: String, key: String, expected: Shape, found: String },
    UnknownKey { kind: Declared, id: String, key: String, nearest: Option<String> },
    NoTranslation { kind: Declared, id: String, key: String, lang: &'static str },
    NoGroup { kind: Declared, id: String },
    UnknownReference { kind: Declared, id: String, nearest: Option<String> },
    NoArticle { id: String },
    DatesReversed { id: String, since: String, until: String },
    NoEffect { id: String },
    TwoEffects { id: String },
    NoCondition { id: String },
    BadPoints { id: String, found: String },
    UncappedPoints { id: String, item: String },
    BadLimits { kind: Declared, id: String },
    BadAbsent { id: String, value: String },
    BadRow { id: String, row: String, expected: &'static str },
    BandGap { id: String, score: String },
    BandOverlap { id: String, score: String },
    BandOrder { id: String },
    ParameterTooLate { rule: String, parameter: String, from: String, rule_from: String },
    NoSector,
    // Conditions.
    UnknownFact { name: String, nearest: Option<String> },
    UnknownField { list: String, name: String, nearest: Option<String> },
    UnknownName { name: String, nearest: Option<String> },
    UnknownFunction { name: String, nearest: Option<String> },
    WrongCount { name: String, expected: String, found: usize },
    TypeMismatch { expected: String, found: String },
    NotAnswer { what: Declared, id: String, expected: String, found: String },
    ListAsValue { name: String },
    Loop,
    Mutation,
    Recursion { name: String },
    NotInLanguage { what: Construct },
    NoElse,
    TooNested,
    TooLarge,
    // Warnings.
    UnreadFact { kind: Declared, name: String },
    ConstantCondition { id: String, value: bool },
    UncitedDocument { id: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Limit {
    ScriptBytes(usize),
    BookBytes(usize),
    Operations(u64),
    Declarations(usize),
    Rules(usize),
    Functions(usize),
    CallDepth,
    ExpressionDepth,
    DataSize,
    Conditions(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Bool,
    Text,
    Number,
    Days,
    Date,
    Map,
    Array,
    ArrayOfText,
    Labels,
    Type,
    Tier,
    Closure,
    PointsOrClosure,
    Citation,
    Basis,
    Field,
    Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Construct {
    Power,
    BitOperator,
    TextJoin,
    Unit,
    EarlyStatement,
    Throw,
    This,
    Index,
    Array,
    Map,
    Range,
    Closure,
    FirmAsValue,
    ItemAsValue,
    Other,
}

type Pair = (String, String);

struct Texts {
    code: &'static str,
    message: Pair,
    expected: Option<Pair>,
    help: Option<Pair>,
}

fn pair(en: impl Into<String>, zh: impl Into<String>) -> Pair {
    (en.into(), zh.into())
}

fn did_you_mean(nearest: &Option<String>) -> Option<Pair> {
    nearest.as_ref().map(|name| pair(format!("did you mean `{name}`?"), format!("是否要写 `{name}`？")))
}

impl Shape {
    fn words(self) -> Pair {
        let (en, zh) = match self {
            Shape::Bool => ("true or false", "true 或 false"),
            Shape::Text => ("a text", "文本"),
            Shape::Number => ("a number", "数字"),
            Shape::Days => ("a whole number of days, not negative", "非负整数天数"),
            Shape::Date => ("a date, such as date(2026, 5, 1)", "日期，如 date(2026, 5, 1)"),
            Shape::Map => ("a map, #{ ... }", "映射 #{ ... }"),
            Shape::Array => ("an array, [ ... ]", "数组 [ ... ]"),
            Shape::ArrayOfText => ("an array of texts", "文本数组"),
            Shape::Labels => {
                ("a text in both languages, #{ en: \"...\", zh: \"...\" }", "中英文文本 #{ en: \"...\", zh: \"...\" }")
            }
            Shape::Type => ("BOOL, INT, FLOAT, TEXT or DATE", "BOOL、INT、FLOAT、TEXT 或 DATE"),
            Shape::Tier => ("RED, ORANGE, YELLOW or BLUE", "RED、ORANGE、YELLOW 或 BLUE"),
            Shape::Closure => ("a closure, |firm| ...", "闭包 |firm| ..."),
            Shape::PointsOrClosure => {
                ("a number of points, or a closure |firm| ... that computes it", "分值，或计算分值的闭包 |firm| ...")
            }
            Shape::Citation => (
                "cite(\"DOCUMENT\", \"article\", READ), an array of them, or own(\"reason\")",
                "cite(\"文件\", \"条款\", READ)、其数组，或 own(\"理由\")",
            ),
            Shape::Basis => ("READ or RECALLED", "READ 或 RECALLED"),
            Shape::Field => {
                ("field(TYPE, #{ en: \"...\", zh: \"...\" })", "field(类型, #{ en: \"...\", zh: \"...\" })")
            }
            Shape::Value => ("a value of the declared type", "所声明类型的值"),
        };
        pair(en, zh)
    }
}

impl Limit {
    fn words(&self) -> Pair {
        match self {
            Limit::ScriptBytes(max) => {
                pair(format!("a script may have {max} bytes"), format!("单个脚本最多 {max} 字节"))
            }
            Limit::BookBytes(max) => pair(format!("a book may have {max} bytes"), format!("规则册最多 {max} 字节")),
            Limit::Operations(max) => pair(
                format!("a script may take {max} steps to declare its rules"),
                format!("脚本声明规则最多执行 {max} 步"),
            ),
            Limit::Declarations(max) => {
                pair(format!("a book may declare {max} things"), format!("规则册最多 {max} 项声明"))
            }
            Limit::Rules(max) => pair(format!("a book may have {max} rules"), format!("规则册最多 {max} 条规则")),
            Limit::Functions(max) => pair(
                format!("a script may have {max} functions and closures"),
                format!("单个脚本最多 {max} 个函数和闭包"),
            ),
            Limit::CallDepth => pair("functions call each other too deeply", "函数调用层次过深"),
            Limit::ExpressionDepth => pair("an expression is nested too deeply", "表达式嵌套过深"),
            Limit::DataSize => pair("a text, array or map grows too large", "文本、数组或映射过大"),
            Limit::Conditions(max) => pair(
                format!("the conditions of a book may have {max} parts in all"),
                format!("规则册全部条件合计最多 {max} 个部分"),
            ),
        }
    }
}

impl Construct {
    fn words(self) -> (Pair, Option<Pair>) {
        let (en, zh, help): (&str, &str, Option<(&str, &str)>) = match self {
            Construct::Power => ("`**`", "`**`", Some(("multiply instead", "请改用乘法"))),
            Construct::BitOperator => {
                ("a bit operator", "位运算符", Some(("use `&&`, `||` or `!`", "请用 `&&`、`||` 或 `!`")))
            }
            Construct::TextJoin => {
                ("joining texts", "拼接文本", Some(("compare the parts one by one", "请分别比较各部分")))
            }
            Construct::Unit => (
                "`()`",
                "`()`",
                Some((
                    "ask `known(x)`, or give a value for the unknown with `x ?? value`",
                    "请用 `known(x)` 判断，或用 `x ?? 值` 给出未知时的取值",
                )),
            ),
            Construct::EarlyStatement => (
                "a statement before the result",
                "结果之前的语句",
                Some(("only `let` may stand before the result", "结果之前只能有 `let`")),
            ),
            Construct::Throw => ("`throw`", "`throw`", None),
            Construct::This => (
                "`this`",
                "`this`",
                Some(("name the firm or the item as a parameter, |firm| ...", "请以参数命名企业或条目，如 |firm| ...")),
            ),
            Construct::Index => (
                "picking an item of a list by its number",
                "按序号取列表条目",
                Some((
                    "ask the list with `some`, `all`, `sum`, `count`, `max` or `min`",
                    "请用 `some`、`all`、`sum`、`count`、`max` 或 `min`",
                )),
            ),
            Construct::Array => {
                ("an array as a value", "数组作为值", Some(("an array may stand after `in`", "数组可以写在 `in` 之后")))
            }
            Construct::Map => (
                "a map as a value",
                "映射作为值",
                Some(("declare a table and use `lookup`", "请声明表并使用 `lookup`")),
            ),
            Construct::Range => {
                ("a range as a value", "区间作为值", Some(("a range may stand after `in`", "区间可以写在 `in` 之后")))
            }
            Construct::Closure => ("a closure as a value", "闭包作为值", None),
            Construct::FirmAsValue => (
                "the firm as a value",
                "企业作为值",
                Some(("name one of its facts, firm.name", "请写出其某个指标，如 firm.name")),
            ),
            Construct::ItemAsValue => {
                ("an item of a list as a value", "列表条目作为值", Some(("name one of its fields", "请写出其某个字段")))
            }
            Construct::Other => ("this construct", "此写法", None),
        };
        (pair(en, zh), help.map(|(en, zh)| pair(en, zh)))
    }
}

impl Problem {
    pub(crate) fn code(&self) -> &'static str {
        self.texts().code
    }

    pub(crate) fn message(&self, lang: Lang) -> String {
        pick(self.texts().message, lang)
    }

    pub(crate) fn expected(&self, lang: Lang) -> Option<String> {
        self.texts().expected.map(|texts| pick(texts, lang))
    }

    pub(crate) fn help(&self, lang: Lang) -> Option<String> {
        self.texts().help.map(|texts| pick(texts, lang))
    }

    fn texts(&self) -> Texts {
        let mut expected = None;
        let mut help = None;
        let (code, message) = match self {
            Problem::Syntax { reason } => {
                ("E001", pair(format!("the script cannot be read: {reason}"), format!("无法解析脚本：{reason}")))
            }
            Problem::Run { reason } => {
                ("E002", pair(format!("the script stopped: {reason}"), format!("脚本中止：{reason}")))
            }
            Problem::UnknownImport { name, nearest } => {
                expected = Some(pair(
                    "the name of a script of this book, without its ending",
                    "本规则册中脚本的名称（不含扩展名）",
                ));
                help = did_you_mean(nearest);
                ("E003", pair(format!("there is no script `{name}`"), format!("没有脚本 `{name}`")))
            }
            Problem::ImportCycle { path } => {
                help = Some(pair("move what both need into a third script", "请将共用内容移入第三个脚本"));
                ("E004", pair(format!("scripts import each other: {path}"), format!("脚本循环导入：{path}")))
            }
            Problem::Limit { what } => {
                let (en, zh) = what.words();
                help = Some(pair("split the script, or simplify it", "请拆分或简化脚本"));
                ("E005", pair(format!("limit exceeded: {en}"), format!("超出限制：{zh}")))
            }
            Problem::DuplicateId { kind, id, first } => {
                help = Some(pair("give one of them another name", "请为其中之一另取名称"));
                (
                    "E010",
                    pair(
                        format!("{} `{id}` is declared twice; first at {first}", kind.word(Lang::En)),
                        format!("{} `{id}` 重复声明，首次在 {first}", kind.word(Lang::Zh)),
                    ),
                )
            }
            Problem::BadId { kind, id } => {
                expected = Some(match kind {
                    Declared::Fact | Declared::List | Declared::Field | Declared::Measure => {
                        pair("small letters, digits and `_`, a letter first", "小写字母、数字和 `_`，以字母开头")
                    }
                    _ => pair(
                        "letters, digits, `-`, `_` and `.`, a letter first, at most 64",
                        "字母、数字、`-`、`_` 和 `.`，以字母开头，最多64个字符",
                    ),
                });
                (
                    "E011",
                    pair(
                        format!("`{id}` cannot be the name of a {}", kind.word(Lang::En)),
                        format!("`{id}` 不能作为{}的名称", kind.word(Lang::Zh)),
                    ),
                )
            }
            Problem::Missing { kind, id, key } => {
                help = Some(pair(format!("add `{key}: ...`"), format!("请添加 `{key}: ...`")));
                (
                    "E012",
                    pair(
                        format!("{} `{id}` has no `{key}`", kind.word(Lang::En)),
                        format!("{} `{id}` 缺少 `{key}`", kind.word(Lang::Zh)),
                    ),
                )
            }
            Problem::WrongKind { kind, id, key, expected: shape, found } => {
                expected = Some(shape.words());
                (
                    "E013",
                    pair(
                        format!("`{key}` of {} `{id}` is {found}", kind.word(Lang::En)),
                        format!("{} `{id}` 的 `{key}` 是 {found}", kind.word(Lang::Zh)),
                    ),
                )
            }
            Problem::UnknownKey { kind, id, key, nearest } => {
                help = did_you_mean(nearest).or_else(|| Some(pair("remove it", "请删除")));
                (
                    "E014",
                    pair(
                        format!("{} `{id}` has no use for `{key}`", kind.word(Lang::En)),
                        format!("{} `{id}` 不认识 `{key}`", kind.word(Lang::Zh)),
                    ),
                )
            }
            Problem::NoTranslation { kind, id, key, lang } => {
                expected = Some(Shape::Labels.words());
                (
                    "E015",
                    pair(
                        format!("`{key}` of {} `{id}` has no text in `{lang}`", kind.word(Lang::En)),
                        format!("{} `{id}` 的 `{key}` 缺少 `{lang}` 文本", kind.word(Lang::Zh)),
                    ),
                )
            }
            Problem::NoGroup { kind, id } => {
                help = Some(pair(
                    "declare `sector(...)` or `part(...)` before it, in the same script",
                    "请先在同一脚本中声明 `sector(...)` 或 `part(...)`",
                ));
                (
                    "E016",
                    pair(
                        format!("{} `{id}` belongs to no sector and no part", kind.word(Lang::En)),
                        format!("{} `{id}` 不属于任何行业或通用部分", kind.word(Lang::Zh)),
                    ),
                )
            }
            Problem::UnknownReference { kind, id, nearest } => {
                help = did_you_mean(nearest);
                (
                    "E017",
                    pair(
                        format!("there is no {} `{id}`", kind.word(Lang::En)),
                        format!("没有{} `{id}`", kind.word(Lang::Zh)),
                    ),
                )
            }
            Problem::NoArticle { id } => {
                expected = Some(pair(
                    "the article or item of the document, such as \"item 4\"",
                    "文件的条款或项号，如 \"item 4\"",
                ));
                ("E018", pair(format!("the citation of `{id}` names no article"), format!("对 `{id}` 的引用没有条款")))
            }
            Problem::DatesReversed { id, since, until } => {
                expected = Some(pair(
                    "`until` after `since`: it is the first day no longer in force",
                    "`until` 晚于 `since`：它是失效的第一天",
                ));
                (
                    "E019",
                    pair(
                        format!("`{id}` ends on {until}, not after it begins on {since}"),
                        format!("`{id}` 的失效日 {until} 不晚于生效日 {since}"),
                    ),
                )
            }
            Problem::NoEffect { id } => {
                expected = Some(pair(
                    "`tier: RED`, or `item: \"...\"` with `deduct: ...` or `add: ...`",
                    "`tier: RED`，或 `item: \"...\"` 加 `deduct: ...` 或 `add: ...`",
                ));
                ("E020", pair(format!("rule `{id}` has no effect"), format!("规则 `{id}` 没有效果")))
            }
            Problem::TwoEffects { id } => {
                expected = Some(pair("one of `tier`, `deduct` and `add`", "`tier`、`deduct`、`add` 三者之一"));
                help = Some(pair("write two rules", "请写成两条规则"));
                ("E021", pair(format!("rule `{id}` has more than one effect"), format!("规则 `{id}` 有不止一种效果")))
            }
            Problem::NoCondition { id } => {
                expected = Some(pair(
                    "`when: |firm| ...`, or points computed by a closure",
                    "`when: |firm| ...`，或由闭包计算的分值",
                ));
                ("E022", pair(format!("rule `{id}` has no condition"), format!("规则 `{id}` 没有条件")))
            }
            Problem::BadPoints { id, found } => {
                expected = Some(pair(
                    "0 to 1000000 points, with at most three decimals; `deduct` and `add` give the direction",
                    "0 至 1000000 分，最多三位小数；方向由 `deduct` 和 `add` 决定",
                ));
                ("E023", pair(format!("`{id}` cannot carry {found} points"), format!("`{id}` 的分值不能是 {found}")))
            }
            Problem::UncappedPoints { id, item } => {
                help = Some(pair(
                    format!("give the item `{item}` a `lowest` (for `deduct`) or a `highest` (for `add`)"),
                    format!("请为评分项目 `{item}` 设置 `lowest`（用于 `deduct`）或 `highest`（用于 `add`）"),
                ));
                (
                    "E024",
                    pair(
                        format!(
                            "rule `{id}` computes its points, but its item has no cap: the worst case would have no end"
                        ),
                        format!("规则 `{id}` 的分值由计算得出，但评分项目没有封顶：最坏情形无界"),
                    ),
                )
            }
            Problem::BadLimits { kind, id } => {
                expected = Some(pair(
                    "the lower limit not above the upper one, and limits that fit the type",
                    "下限不高于上限，且与类型相符",
                ));
                (
                    "E025",
                    pair(
                        format!("the limits of {} `{id}` allow nothing", kind.word(Lang::En)),
                        format!("{} `{id}` 的上下限不成立", kind.word(Lang::Zh)),
                    ),
                )
            }
            Problem::BadAbsent { id, value } => {
                expected = Some(pair("a value that the fact could have", "该指标可以取的值"));
                (
                    "E026",
                    pair(
                        format!("`absent: {value}` is not a value of `{id}`"),
                        format!("`absent: {value}` 不是 `{id}` 的取值"),
                    ),
                )
            }
            Problem::BadRow { id, row, expected: what } => {
                expected = Some(pair(*what, *what));
                ("E027", pair(format!("row {row} of `{id}` does not fit"), format!("`{id}` 的第 {row} 行不合要求")))
            }
            Problem::BandGap { id, score } => {
                expected = Some(pair("bands that cover every reachable score", "分段覆盖所有可能的得分"));
                (
                    "E030",
                    pair(
                        format!("no band of `{id}` covers the score {score}"),
                        format!("`{id}` 没有分段覆盖得分 {score}"),
                    ),
                )
            }
            Problem::BandOverlap { id, score } => {
                expected = Some(pair(
                    "bands that do not overlap: `from` belongs to a band, `below` does not",
                    "分段互不重叠：`from` 含本数，`below` 不含本数",
                ));
                (
                    "E031",
                    pair(
                        format!("two bands of `{id}` cover the score {score}"),
                        format!("`{id}` 有两个分段覆盖得分 {score}"),
                    ),
                )
            }
            Problem::BandOrder { id } => {
                expected = Some(pair(
                    "tiers that only get better, or only get worse, as the score rises",
                    "随得分升高，等级只升或只降",
                ));
                ("E032", pair(format!("the bands of `{id}` go up and down"), format!("`{id}` 的分段等级忽升忽降")))
            }
            Problem::ParameterTooLate { rule, parameter, from, rule_from } => {
                help = Some(pair(
                    "give the parameter an earlier value, or let the rule begin later",
                    "请补充更早的参数值，或推迟规则生效日",
                ));
                (
                    "E033",
                    pair(
                        format!(
                            "`{rule}` is in force from {rule_from}, but its parameter `{parameter}` only from {from}"
                        ),
                        format!("`{rule}` 自 {rule_from} 生效，而参数 `{parameter}` 自 {from} 才有值"),
                    ),
                )
            }
            Problem::NoSector => {
                help = Some(pair("declare one with `sector(...)`", "请用 `sector(...)` 声明"));
                ("E034", pair("the book has no sector", "规则册没有任何行业"))
            }
            Problem::UnknownFact { name, nearest } => {
                expected = Some(pair("a declared fact, list or measure", "已声明的指标、列表或计算量"));
                help = did_you_mean(nearest);
                ("E040", pair(format!("unknown fact `{name}`"), format!("未知指标 `{name}`")))
            }
            Problem::UnknownField { list, name, nearest } => {
                expected = Some(pair(format!("a field of the list `{list}`"), format!("列表 `{list}` 的字段")));
                help = did_you_mean(nearest);
                ("E041", pair(format!("unknown field `{name}`"), format!("未知字段 `{name}`")))
            }
            Problem::UnknownName { name, nearest } => {
                expected = Some(pair(
                    "a parameter of the closure, a `let` before it, or AS_OF",
                    "闭包参数、之前的 `let` 或 AS_OF",
                ));
                help = did_you_mean(nearest);
                ("E042", pair(format!("unknown name `{name}`"), format!("未知名称 `{name}`")))
            }
            Problem::UnknownFunction { name, nearest } => {
                expected = Some(pair(
                    "a function of the rule language, of this script, or of an imported one",
                    "规则语言、本脚本或导入脚本的函数",
                ));
                help = did_you_mean(nearest);
                ("E043", pair(format!("unknown function `{name}`"), format!("未知函数 `{name}`")))
            }
            Problem::WrongCount { name, expected: count, found } => {
                expected = Some(pair(count.clone(), count.clone()));
                ("E044", pair(format!("`{name}` is given {found} arguments"), format!("`{name}` 得到 {found} 个参数")))
            }
            Problem::TypeMismatch { expected: what, found } => {
                expected = Some(pair(what.clone(), what.clone()));
                ("E045", pair(format!("the types do not fit: found {found}"), format!("类型不符：此处为 {found}")))
            }
            Problem::NotAnswer { what, id, expected: ty, found } => {
                expected = Some(pair(ty.clone(), ty.clone()));
                (
                    "E046",
                    pair(
                        format!("the closure of {} `{id}` gives {found}", what.word(Lang::En)),
                        format!("{} `{id}` 的闭包给出 {found}", what.word(Lang::Zh)),
                    ),
                )
            }
            Problem::ListAsValue { name } => {
                help = Some(pair(
                    format!(
                        "ask it: `.some(..)`, `.all(..)`, `.sum(..)`, `.count(..)`, `.max(..)`, `.min(..)` or `.len()`, as in `{name}.len() > 0`"
                    ),
                    format!(
                        "请用 `.some(..)`、`.all(..)`、`.sum(..)`、`.count(..)`、`.max(..)`、`.min(..)` 或 `.len()`，如 `{name}.len() > 0`"
                    ),
                ));
                ("E047", pair(format!("the list `{name}` is used as a value"), format!("列表 `{name}` 被当作值使用")))
            }
            Problem::Loop => {
                help = Some(pair(
                    "ask a list with `some`, `all`, `sum`, `count`, `max` or `min`",
                    "请用列表的 `some`、`all`、`sum`、`count`、`max` 或 `min`",
                ));
                ("E048", pair("a condition cannot loop", "条件中不能有循环"))
            }
            Problem::Mutation => {
                help = Some(pair("use another `let`", "请另用 `let`"));
                ("E049", pair("a condition cannot change a value", "条件中不能修改值"))
            }
            Problem::Recursion { name } => {
                ("E050", pair(format!("the function `{name}` calls itself"), format!("函数 `{name}` 调用自身")))
            }
            Problem::NotInLanguage { what } => {
                let ((en, zh), hint) = what.words();
                help = hint;
                ("E051", pair(format!("{en} cannot stand in a condition"), format!("条件中不能使用{zh}")))
            }
            Problem::NoElse => {
                expected = Some(pair(
                    "`else { ... }`, or `_ => ...` in a `switch`",
                    "`else { ... }`，或 `switch` 中的 `_ => ...`",
                ));
                ("E052", pair("a choice without a value for the other case", "缺少其他情形的取值"))
            }
            Problem::TooNested => {
                expected = Some(pair("at most one closure inside another", "闭包最多嵌套一层"));
                ("E053", pair("closures over lists are nested too deeply", "列表闭包嵌套过深"))
            }
            Problem::TooLarge => {
                help = Some(pair("split it into several rules or measures", "请拆分为多条规则或计算量"));
                ("E054", pair("the condition is too large", "条件过大"))
            }
            Problem::UnreadFact { kind, name } => {
                help = Some(pair("remove it, or use it in a rule", "请删除，或在规则中使用"));
                (
                    "W001",
                    pair(
                        format!("no rule and no measure reads the {} `{name}`", kind.word(Lang::En)),
                        format!("没有规则或计算量使用{} `{name}`", kind.word(Lang::Zh)),
                    ),
                )
            }
            Problem::ConstantCondition { id, value } => (
                "W002",
                pair(
                    format!("the condition of `{id}` is always {value}"),
                    format!("`{id}` 的条件恒为{}", if *value { "真" } else { "假" }),
                ),
            ),
            Problem::UncitedDocument { id } => {
                ("W003", pair(format!("nothing cites the document `{id}`"), format!("没有引用文件 `{id}`")))
            }
        };
        Texts { code, message, expected, help }
    }
}

fn pick((en, zh): Pair, lang: Lang) -> String {
    match lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}
