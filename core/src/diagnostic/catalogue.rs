//! Every problem that a rule script can have: its code and its texts in English and Chinese, in one place.

use super::wording::{Hint, Misread, Stopped, did_you_mean, example, synonym, types};
use crate::{Lang, Tier, Type};

/// What a script declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Declared {
    Document,
    Role,
    KeyField,
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
    Supervision,
    IssuedList,
}

impl Declared {
    pub(crate) const fn word(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Declared::Document, Lang::En) => "document",
            (Declared::Document, Lang::Zh) => "文件",
            (Declared::Role, Lang::En) => "role",
            (Declared::Role, Lang::Zh) => "岗位",
            (Declared::KeyField, Lang::En) => "key field",
            (Declared::KeyField, Lang::Zh) => "重点领域",
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
            (Declared::Supervision, Lang::En) => "supervision",
            (Declared::Supervision, Lang::Zh) => "监管要求",
            (Declared::IssuedList, Lang::En) => "issued list",
            (Declared::IssuedList, Lang::Zh) => "清单",
        }
    }
}

/// Everything that can be wrong with a script. The fields are what its texts need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    // Reading and running a script.
    Syntax {
        what: Misread,
    },
    Run {
        what: Stopped,
    },
    UnknownImport {
        name: String,
        nearest: Option<String>,
    },
    BadImport {
        what: BadImport,
    },
    ImportCycle {
        path: String,
    },
    Limit {
        what: Limit,
    },
    // Declarations.
    DuplicateId {
        kind: Declared,
        id: String,
        first: String,
    },
    BadId {
        kind: Declared,
        id: String,
    },
    Missing {
        kind: Declared,
        id: String,
        key: &'static str,
    },
    WrongKind {
        kind: Declared,
        id: String,
        key: String,
        expected: Shape,
        found: Pair,
    },
    /// The map of a declaration is none.
    WrongBody {
        kind: Declared,
        id: String,
        found: Pair,
    },
    UnknownKey {
        kind: Declared,
        id: String,
        key: String,
        nearest: Option<String>,
    },
    NoTranslation {
        kind: Declared,
        id: String,
        key: Option<String>,
        lang: &'static str,
    },
    NoGroup {
        kind: Declared,
        id: String,
    },
    UnknownReference {
        kind: Declared,
        id: String,
        nearest: Option<String>,
    },
    NoArticle {
        id: String,
    },
    DatesReversed {
        id: String,
        since: String,
        until: String,
    },
    NoEffect {
        id: String,
    },
    TwoEffects {
        id: String,
    },
    NoCondition {
        id: String,
    },
    BadPoints {
        id: String,
        found: String,
    },
    UncappedPoints {
        id: String,
        item: String,
    },
    BadLimits {
        kind: Declared,
        id: String,
    },
    ClosedSetOfOther {
        kind: Declared,
        id: String,
    },
    BadAbsent {
        id: String,
        value: String,
    },
    BadRow {
        id: String,
        row: String,
        wrong: RowProblem,
    },
    BandGap {
        id: String,
        score: String,
        lowest: String,
        highest: String,
    },
    BandOverlap {
        id: String,
        score: String,
    },
    BandOrder {
        id: String,
    },
    WrongOverride {
        id: String,
        expected: Type,
        found: Type,
    },
    ParameterTooLate {
        rule: String,
        parameter: String,
        from: String,
        rule_from: String,
    },
    NoSector,
    // Amendments.
    NotAmendable {
        kind: Declared,
        id: String,
        key: String,
        keys: &'static [&'static str],
    },
    AmendedTwice {
        kind: Declared,
        id: String,
        key: String,
        first: String,
    },
    LoweredMajor {
        id: String,
    },
    /// An amendment of a rule that does not say on what ground.
    NoGround {
        id: String,
    },
    // Conditions.
    UnknownFact {
        name: String,
        nearest: Option<String>,
    },
    UnknownField {
        list: String,
        name: String,
        nearest: Option<String>,
    },
    UnknownName {
        name: String,
        nearest: Option<String>,
        known: Known,
    },
    UnknownFunction {
        name: String,
        nearest: Option<String>,
        of: FunctionsOf,
    },
    WrongCount {
        name: String,
        expected: String,
        found: usize,
    },
    WrongParameters {
        expected: &'static str,
        found: usize,
    },
    TypeMismatch {
        expected: Vec<Type>,
        found: Type,
        hint: Option<Hint>,
    },
    WrongReceiver {
        expected: Vec<Type>,
        found: Type,
        hint: Option<Hint>,
    },
    NoMember {
        name: String,
        found: Type,
    },
    NeedsClosure {
        name: String,
    },
    NotConstantDate,
    NotAtLeast,
    ChainedComparison,
    NoOrder {
        found: Type,
    },
    NotAnswer {
        what: Declared,
        id: String,
        expected: Vec<Type>,
        found: Type,
    },
    ListAsValue {
        name: String,
    },
    Loop,
    Mutation {
        compares: bool,
    },
    /// Of a declaration of that kind, or of a function.
    Recursion {
        kind: Option<Declared>,
        name: String,
    },
    NotInLanguage {
        what: Construct,
    },
    NoElse,
    TooNested,
    TooLarge,
    // Warnings.
    /// Of the analysis.
    #[cfg(feature = "analysis")]
    Found(super::Finding),
    UnreadFact {
        kind: Declared,
        name: String,
    },
    ConstantCondition {
        id: String,
        value: bool,
    },
    UncitedDocument {
        id: String,
    },
    /// A rule is declared to be a case of one that the book does not have.
    UnknownWithin {
        id: String,
        named: String,
        nearest: Option<String>,
    },
    /// An amendment makes a rule milder.
    LoweredTier {
        id: String,
        from: Tier,
        to: Tier,
    },
}

/// What could have stood where an unknown name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// Outside closures, while the script declares.
    Script,
    Condition,
    Key,
    Import,
}

/// What is wrong with an import, besides its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadImport {
    Inside,
    Computed,
}

/// Where an unknown function was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FunctionsOf {
    Language,
    List,
    Script,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowProblem {
    Type(Type),
    Order,
    Reversed,
    TwoLimits,
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
    ImportDepth(usize),
    Imports(usize),
    Scripts(usize),
    ExpressionDepth,
    DataSize,
    Data,
    Variables(usize),
    Conditions(usize),
    Adopted(usize),
    Problems(usize),
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
    /// In which direction a fact of this type gets worse.
    Worse(Type),
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
    Mark,
    Empty,
    ComputedName,
    Other,
}

/// A text in English and Chinese.
pub(crate) type Pair = (String, String);

struct Texts {
    code: &'static str,
    message: Pair,
    expected: Option<Pair>,
    help: Option<Pair>,
}

pub(crate) fn pair(en: impl Into<String>, zh: impl Into<String>) -> Pair {
    (en.into(), zh.into())
}

impl Shape {
    fn words(self) -> Pair {
        let (en, zh) = match self {
            Shape::Bool => ("true or false", "true 或 false"),
            Shape::Text => ("a text", "文本"),
            Shape::Number => ("a number", "数字"),
            Shape::Days => ("a whole number of days, not negative", "非负整数天数"),
            Shape::Date => ("a date, such as `date(2026, 5, 1)`", "日期，如 `date(2026, 5, 1)`"),
            Shape::Map => ("a map, `#{ ... }`", "映射 `#{ ... }`"),
            Shape::Array => ("an array, `[ ... ]`", "数组 `[ ... ]`"),
            Shape::ArrayOfText => ("an array of texts", "文本数组"),
            Shape::Labels => (
                "a text in both languages, `#{ en: \"...\", zh: \"...\" }`",
                "中英文文本 `#{ en: \"...\", zh: \"...\" }`",
            ),
            Shape::Type => ("`BOOL`, `INT`, `FLOAT`, `TEXT` or `DATE`", "`BOOL`、`INT`、`FLOAT`、`TEXT` 或 `DATE`"),
            Shape::Worse(Type::Bool) => ("`TRUE` or `FALSE`", "`TRUE` 或 `FALSE`"),
            Shape::Worse(Type::Text) => ("no `worse`: texts have no order", "不写 `worse`：文本没有高低"),
            Shape::Worse(_) => ("`UP` or `DOWN`", "`UP` 或 `DOWN`"),
            Shape::Tier => ("`RED`, `ORANGE`, `YELLOW` or `BLUE`", "`RED`、`ORANGE`、`YELLOW` 或 `BLUE`"),
            Shape::Closure => ("a closure, such as `|firm| firm.name > 0`", "闭包，如 `|firm| firm.name > 0`"),
            Shape::PointsOrClosure => (
                "a number of points, or a closure that computes it, such as `|firm| 2 * firm.name`",
                "分值，或计算分值的闭包，如 `|firm| 2 * firm.name`",
            ),
            Shape::Citation => (
                "`cite(\"DOCUMENT\", \"article\", READ)`, an array of them, or `own(\"reason\")`",
                "`cite(\"文件\", \"条款\", READ)`、其数组，或 `own(\"理由\")`",
            ),
            Shape::Basis => ("`READ` or `RECALLED`", "`READ` 或 `RECALLED`"),
            Shape::Field => {
                ("`field(TYPE, #{ en: \"...\", zh: \"...\" })`", "`field(类型, #{ en: \"...\", zh: \"...\" })`")
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
                format!("the scripts of a book may take {max} steps to declare it"),
                format!("规则册全部脚本最多执行 {max} 步"),
            ),
            Limit::Declarations(max) => {
                pair(format!("a book may declare {max} things"), format!("规则册最多 {max} 项声明"))
            }
            Limit::Rules(max) => pair(format!("a book may have {max} rules"), format!("规则册最多 {max} 条规则")),
            Limit::Functions(max) => pair(
                format!("a script may have {max} functions and closures"),
                format!("单个脚本最多 {max} 个函数和闭包"),
            ),
            Limit::Imports(max) => pair(
                format!("a script may reach {max} scripts by imports, each counted once for every way to it"),
                format!("一个脚本通过导入最多到达 {max} 个脚本（每条路径计一次）"),
            ),
            Limit::Scripts(max) => pair(format!("a book may have {max} scripts"), format!("规则册最多 {max} 个脚本")),
            Limit::ImportDepth(max) => {
                pair(format!("scripts may import each other {max} deep"), format!("脚本导入最多 {max} 层"))
            }
            Limit::CallDepth => pair("functions call each other too deeply", "函数调用层次过深"),
            Limit::ExpressionDepth => pair("an expression is nested too deeply", "表达式嵌套过深"),
            Limit::DataSize => pair("a text, array or map grows too large", "文本、数组或映射过大"),
            Limit::Data => {
                pair("the data of the scripts is too large, or nested too deeply", "脚本中的数据过大，或嵌套过深")
            }
            Limit::Variables(max) => {
                pair(format!("a script may have {max} variables at once"), format!("单个脚本最多同时有 {max} 个变量"))
            }
            Limit::Problems(max) => pair(format!("only {max} problems are shown"), format!("只显示 {max} 个问题")),
            Limit::Adopted(max) => pair(
                format!("the sectors of a book may have {max} rules, those of their parts counted for each"),
                format!("规则册各行业合计最多 {max} 条规则，通用部分的规则按行业重复计算"),
            ),
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
            Construct::Throw => ("`throw`", "`throw`", Some(("give a value in every case", "请在每种情形给出取值"))),
            Construct::This => (
                "`this`",
                "`this`",
                Some((
                    "name the firm or the item as a parameter, such as `|firm|`",
                    "请以参数命名企业或条目，如 `|firm|`",
                )),
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
            Construct::Closure => (
                "a closure as a value",
                "闭包作为值",
                Some((
                    "a closure may stand in the brackets of `some`, `all`, `sum`, `count`, `max`, `min` and `filter`",
                    "闭包只能写在 `some`、`all`、`sum`、`count`、`max`、`min`、`filter` 的括号中",
                )),
            ),
            Construct::FirmAsValue => (
                "the firm as a value",
                "企业作为值",
                Some(("name one of its facts, such as `firm.name`", "请写出其某个指标，如 `firm.name`")),
            ),
            Construct::ItemAsValue => {
                ("an item of a list as a value", "列表条目作为值", Some(("name one of its fields", "请写出其某个字段")))
            }
            Construct::Mark => (
                "a mark for declarations",
                "声明用的标记",
                Some(("of the marks, only `AS_OF` has a value", "标记中只有 `AS_OF` 有值")),
            ),
            Construct::Empty => {
                ("an empty block", "空的代码块", Some(("write the value between the braces", "请在花括号中写出取值")))
            }
            Construct::ComputedName => (
                "a computed name of a table or parameter",
                "计算得出的表名或参数名",
                Some(("write the name as a text in quotes", "请直接以引号写出名称")),
            ),
            Construct::Other => ("this construct", "此写法", None),
        };
        (pair(en, zh), help.map(|(en, zh)| pair(en, zh)))
    }
}

impl Problem {
    pub(crate) fn code(&self) -> &'static str {
        self.texts().code
    }

    /// Would it be there if a script that could not be read had been?
    pub(crate) fn is_about_absence(&self) -> bool {
        matches!(
            self,
            Problem::UnknownFact { .. }
                | Problem::UnknownField { .. }
                | Problem::UnknownReference { .. }
                | Problem::UnknownFunction { .. }
                | Problem::UnreadFact { .. }
                | Problem::UncitedDocument { .. }
                | Problem::UnknownWithin { .. }
                | Problem::NoSector
        )
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
            #[cfg(feature = "analysis")]
            Problem::Found(finding) => {
                let texts = finding.texts();
                help = Some(texts.help);
                (texts.code, texts.message)
            }
            Problem::Syntax { what } => {
                let (message, hint) = what.words();
                help = hint;
                ("E001", message)
            }
            Problem::Run { what } => {
                let (message, wanted, hint) = what.words();
                expected = wanted;
                help = hint;
                ("E002", message)
            }
            Problem::UnknownImport { name, nearest } => {
                expected = Some(pair(
                    "the name of a script of this book, without its ending",
                    "本规则册中脚本的名称（不含扩展名）",
                ));
                help = did_you_mean(nearest);
                ("E003", pair(format!("there is no script `{name}`"), format!("没有脚本 `{name}`")))
            }
            Problem::BadImport { what } => {
                expected = Some(pair(
                    "`import \"name\" as alias;` at the top level of the script",
                    "写在脚本最外层的 `import \"名称\" as 别名;`",
                ));
                let message = match what {
                    BadImport::Inside => {
                        pair("an import stands inside a block or a function", "`import` 写在了代码块或函数中")
                    }
                    BadImport::Computed => pair("the name of an import is computed", "`import` 的名称由计算得出"),
                };
                ("E003", message)
            }
            Problem::ImportCycle { path } => {
                help = Some(pair("move what both need into a third script", "请将共用内容移入第三个脚本"));
                ("E004", pair(format!("scripts import each other: `{path}`"), format!("脚本循环导入：`{path}`")))
            }
            Problem::Limit { what } => {
                let (en, zh) = what.words();
                help = Some(match what {
                    Limit::Problems(_) => pair("mend these first", "请先修正这些问题"),
                    _ => pair("split the script, or simplify it", "请拆分或简化脚本"),
                });
                ("E005", pair(format!("limit exceeded: {en}"), format!("超出限制：{zh}")))
            }
            Problem::DuplicateId { kind, id, first } => {
                help = Some(pair("give one of them another name", "请为其中之一另取名称"));
                (
                    "E010",
                    pair(
                        format!("{} `{id}` is declared twice; first at `{first}`", kind.word(Lang::En)),
                        format!("{} `{id}` 重复声明，首次在 `{first}`", kind.word(Lang::Zh)),
                    ),
                )
            }
            Problem::BadId { kind, id } => {
                expected = Some(match kind {
                    Declared::Fact | Declared::List | Declared::Field | Declared::Measure => pair(
                        "small letters, digits and `_`, a letter first, at most 64",
                        "小写字母、数字和 `_`，以字母开头，最多64个字符",
                    ),
                    _ => pair(
                        "letters, digits, `-`, `_` and `.`, a letter first, at most 64",
                        "字母、数字、`-`、`_` 和 `.`，以字母开头，最多64个字符",
                    ),
                });
                (
                    "E011",
                    pair(
                        format!("`{id}` cannot be the name of {}", kind.with_article()),
                        format!("`{id}` 不能作为{}的名称", kind.word(Lang::Zh)),
                    ),
                )
            }
            Problem::Missing { kind, id, key } => {
                let example = example(*kind, key);
                help = Some(pair(format!("add `{key}: {example}`"), format!("请添加 `{key}: {example}`")));
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
                        format!("`{key}` of {} `{id}` is {}", kind.word(Lang::En), found.0),
                        format!("{} `{id}` 的 `{key}` 是{}", kind.word(Lang::Zh), found.1),
                    ),
                )
            }
            Problem::WrongBody { kind, id, found } => {
                expected = Some(Shape::Map.words());
                (
                    "E013",
                    pair(
                        format!("{} `{id}` is given {}", kind.word(Lang::En), found.0),
                        format!("{} `{id}` 得到的是{}", kind.word(Lang::Zh), found.1),
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
                help = Some(pair(format!("add `{lang}: \"...\"`"), format!("请添加 `{lang}: \"...\"`")));
                let message = match key {
                    Some(key) => pair(
                        format!("`{key}` of {} `{id}` has no text in `{lang}`", kind.word(Lang::En)),
                        format!("{} `{id}` 的 `{key}` 缺少 `{lang}` 文本", kind.word(Lang::Zh)),
                    ),
                    None => pair(
                        format!("{} `{id}` has no text in `{lang}`", kind.word(Lang::En)),
                        format!("{} `{id}` 缺少 `{lang}` 文本", kind.word(Lang::Zh)),
                    ),
                };
                ("E015", message)
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
                expected = Some(kind.declaration());
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
                    "the article or item of the document, such as `\"item 4\"`",
                    "文件的条款或项号，如 `\"第四项\"`",
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
                        format!("`{id}` ends on {until}, but begins only on {since}"),
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
                expected = Some(pair("the lower limit not above the upper one", "下限不高于上限"));
                (
                    "E025",
                    pair(
                        format!("the limits of {} `{id}` allow nothing", kind.word(Lang::En)),
                        format!("{} `{id}` 的上下限不成立", kind.word(Lang::Zh)),
                    ),
                )
            }
            Problem::ClosedSetOfOther { kind, id } => {
                expected = Some(pair("`one_of` only with the type `TEXT`", "`one_of` 只用于 `TEXT` 类型"));
                help = Some(pair("use `min` and `max` for numbers and dates", "数字和日期请用 `min` 和 `max`"));
                (
                    "E025",
                    pair(
                        format!("{} `{id}` is no text, and cannot have `one_of`", kind.word(Lang::En)),
                        format!("{} `{id}` 不是文本，不能有 `one_of`", kind.word(Lang::Zh)),
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
            Problem::BadRow { id, row, wrong } => {
                expected = Some(match wrong {
                    RowProblem::Type(ty) => {
                        let (en, zh) = types(&[*ty]);
                        pair(format!("{en}, as in the other rows"), format!("{zh}，与其他行相同"))
                    }
                    RowProblem::Order => pair(
                        "rows that rise and do not overlap: each begins where the row before has ended",
                        "各行递增且互不重叠：每行起点不小于上一行终点",
                    ),
                    RowProblem::Reversed => pair(
                        "a beginning (`from`, `above`) before the end (`below`, `to`)",
                        "起点（`from`、`above`）小于终点（`below`、`to`）",
                    ),
                    RowProblem::TwoLimits => pair(
                        "`from` or `above`, and `below` or `to`",
                        "`from` 与 `above`、`below` 与 `to` 只能各填其一",
                    ),
                });
                (
                    "E027",
                    pair(
                        format!("row `{row}` of table `{id}` does not fit"),
                        format!("表 `{id}` 的行 `{row}` 不合要求"),
                    ),
                )
            }
            Problem::BandGap { id, score, lowest, highest } => {
                expected = Some(pair(
                    format!("bands that cover every score that can be reached, {lowest} to {highest}"),
                    format!("分段覆盖所有可能的得分，即 {lowest} 至 {highest}"),
                ));
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
            Problem::WrongOverride { id, expected: wanted, found } => {
                expected = Some(types(&[*wanted]));
                let (en, zh) = types(&[*found]);
                (
                    "E035",
                    pair(
                        format!("the value given for parameter `{id}` is {en}"),
                        format!("为参数 `{id}` 给出的值是{zh}"),
                    ),
                )
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
            Problem::NotAmendable { kind, id, key, keys } => {
                expected =
                    Some(pair(format!("one of `{}`", keys.join("`, `")), format!("`{}`之一", keys.join("`、`"))));
                help = Some(match kind {
                    Declared::Rule => pair(
                        "add a rule of your own beside it: floors only ever make a tier worse",
                        "请另加一条规则：等级规则只会使等级变严",
                    ),
                    _ => pair("leave it as it is declared", "请保留原声明"),
                });
                (
                    "E035",
                    pair(
                        format!("`{key}` of {} `{id}` cannot be amended", kind.word(Lang::En)),
                        format!("{} `{id}` 的 `{key}` 不能修订", kind.word(Lang::Zh)),
                    ),
                )
            }
            Problem::AmendedTwice { kind, id, key, first } => {
                help = Some(pair("keep one of the two", "请只保留一处"));
                (
                    "E036",
                    pair(
                        format!("`{key}` of {} `{id}` is amended twice; first at `{first}`", kind.word(Lang::En)),
                        format!("{} `{id}` 的 `{key}` 重复修订，首次在 `{first}`", kind.word(Lang::Zh)),
                    ),
                )
            }
            Problem::LoweredMajor { id } => {
                help = Some(pair(
                    "it is on a published list of major hazards, which no amendment takes it from",
                    "该项属于已公布的重大事故隐患，修订不能使其降级",
                ));
                ("E037", pair(format!("the major hazard `{id}` is made milder"), format!("重大事故隐患 `{id}` 被降级")))
            }
            Problem::NoGround { id } => {
                let example = example(Declared::Rule, "cite");
                help = Some(pair(format!("add `cite: {example}`"), format!("请添加 `cite: {example}`")));
                (
                    "E038",
                    pair(
                        format!("the amendment of rule `{id}` does not say on what ground"),
                        format!("对规则 `{id}` 的修订没有写明依据"),
                    ),
                )
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
            Problem::UnknownName { name, nearest, known } => {
                expected = Some(match known {
                    Known::Script => pair(
                        "a parameter of the closure, a `let` or `const` before it, or a mark such as `INT`, `RED` or `AS_OF`",
                        "闭包参数、之前的 `let` 或 `const`，或 `INT`、`RED`、`AS_OF` 等标记",
                    ),
                    Known::Condition => pair(
                        "a parameter of the closure, a `let` before it, or `AS_OF`",
                        "闭包参数、之前的 `let` 或 `AS_OF`",
                    ),
                    Known::Key => pair("a key of the map", "映射中已有的键"),
                    Known::Import => pair("the name behind `as` in an `import`", "`import` 语句中 `as` 之后的名称"),
                });
                help = match (name.as_str(), known) {
                    ("firm", Known::Script) => Some(pair(
                        "the firm is there only inside a closure, such as `|firm| firm.name > 0`",
                        "企业只在闭包中可用，如 `|firm| firm.name > 0`",
                    )),
                    _ => did_you_mean(nearest),
                };
                ("E042", pair(format!("unknown name `{name}`"), format!("未知名称 `{name}`")))
            }
            Problem::UnknownFunction { name, nearest, of } => {
                expected = Some(match of {
                    FunctionsOf::Language => pair(
                        "a function of the rule language, of this script, or of an imported one",
                        "规则语言、本脚本或导入脚本的函数",
                    ),
                    FunctionsOf::List => pair(
                        "`some`, `all`, `sum`, `count`, `max`, `min`, `filter`, `len` or `is_empty`",
                        "`some`、`all`、`sum`、`count`、`max`、`min`、`filter`、`len` 或 `is_empty`",
                    ),
                    FunctionsOf::Script => pair("a function of the imported script", "所导入脚本的函数"),
                });
                help = synonym(name).or_else(|| did_you_mean(nearest));
                ("E043", pair(format!("unknown function `{name}`"), format!("未知函数 `{name}`")))
            }
            Problem::WrongCount { name, expected: usage, found } => {
                expected = Some(pair(format!("`{usage}`"), format!("`{usage}`")));
                let count = match found {
                    0 => "no argument".to_owned(),
                    1 => "one argument".to_owned(),
                    _ => format!("{found} arguments"),
                };
                ("E044", pair(format!("`{name}` is given {count}"), format!("`{name}` 得到 {found} 个参数")))
            }
            Problem::WrongParameters { expected: usage, found } => {
                expected = Some(pair(format!("one, as in `{usage}`"), format!("一个，如 `{usage}`")));
                let count = if *found == 0 { "no parameter".to_owned() } else { format!("{found} parameters") };
                ("E044", pair(format!("the closure has {count}"), format!("闭包有 {found} 个参数")))
            }
            Problem::TypeMismatch { expected: wanted, found, hint } => {
                expected = Some(types(wanted));
                help = hint.map(Hint::words);
                let (en, zh) = types(&[*found]);
                ("E045", pair(format!("the types do not fit: this is {en}"), format!("类型不符：此处为{zh}")))
            }
            Problem::WrongReceiver { expected: wanted, found, hint } => {
                let (en, zh) = types(wanted);
                expected = Some(pair(format!("{en} before the dot"), format!("点号之前为{zh}")));
                help = hint.map(Hint::words);
                let (en, zh) = types(&[*found]);
                ("E045", pair(format!("this cannot be asked of {en}"), format!("不能对{zh}使用")))
            }
            Problem::NoMember { name, found } => {
                expected = Some(pair("the firm, or an item of a list, before the dot", "点号之前是企业或列表条目"));
                let (en, zh) = types(&[*found]);
                ("E045", pair(format!("a value of type {en} has no `{name}`"), format!("{zh}没有 `{name}`")))
            }
            Problem::NeedsClosure { name } => {
                let usage = format!(".{name}(|item| item.name > 0)");
                expected = Some(pair(format!("a closure, as in `{usage}`"), format!("闭包，如 `{usage}`")));
                ("E045", pair(format!("`{name}` is given a value"), format!("`{name}` 得到的是值")))
            }
            Problem::NotConstantDate => {
                expected = Some(pair(
                    "three whole numbers that are a day of the calendar, as in `date(2026, 5, 1)`",
                    "构成有效日期的三个整数，如 `date(2026, 5, 1)`",
                ));
                ("E045", pair("this is not a day", "此处不是日期"))
            }
            Problem::NotAtLeast => {
                expected = Some(pair(
                    "a whole number from 1 to how many conditions there are, and the conditions in brackets, as in \
                     `at_least(2, [a, b, c])`",
                    "从1到条件个数的整数，以及方括号内的条件，如 `at_least(2, [a, b, c])`",
                ));
                ("E045", pair("this is no number of conditions", "此处不是“若干条件中至少几项”的写法"))
            }
            Problem::ChainedComparison => {
                help =
                    Some(pair("write two comparisons, as in `1 < x && x < 5`", "请写成两个比较，如 `1 < x && x < 5`"));
                ("E045", pair("comparisons cannot be chained", "比较不能连写"))
            }
            Problem::NoOrder { found } => {
                expected = Some(types(&[Type::Int, Type::Float, Type::Date]));
                help = Some(match found {
                    Type::Bool => Hint::BoolAlone.words(),
                    _ => pair("compare with `==`, or with `in [...]`", "请用 `==` 或 `in [...]` 比较"),
                });
                let (en, zh) = types(&[*found]);
                ("E045", pair(format!("{en} has no order"), format!("{zh}不能比较大小")))
            }
            Problem::NotAnswer { what, id, expected: wanted, found } => {
                expected = Some(types(wanted));
                help = match (wanted.as_slice(), found) {
                    ([Type::Bool], Type::Int | Type::Float) => Some(Hint::CompareFirst.words()),
                    ([Type::Bool], _) => Some(pair("compare it, as in `x == y`", "请加上比较，如 `x == y`")),
                    ([Type::Int], Type::Float) => {
                        Some(pair("write `to_int(x)`, or declare it as `FLOAT`", "请写 `to_int(x)`，或声明为 `FLOAT`"))
                    }
                    _ => None,
                };
                let (en, zh) = types(&[*found]);
                (
                    "E046",
                    pair(
                        format!("the closure of {} `{id}` gives {en}", what.word(Lang::En)),
                        format!("{} `{id}` 的闭包给出{zh}", what.word(Lang::Zh)),
                    ),
                )
            }
            Problem::ListAsValue { name } => {
                help = Some(pair(
                    format!(
                        "ask it with `some`, `all`, `sum`, `count`, `max`, `min` or `len`, as in `firm.{name}.len() > 0`"
                    ),
                    format!("请用 `some`、`all`、`sum`、`count`、`max`、`min` 或 `len`，如 `firm.{name}.len() > 0`"),
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
            Problem::Mutation { compares } => {
                help = Some(if *compares {
                    pair("to compare, write `==`", "比较请写 `==`")
                } else {
                    pair("use another `let`", "请另用 `let`")
                });
                ("E049", pair("a condition cannot change a value", "条件中不能修改值"))
            }
            Problem::Recursion { kind, name } => {
                help = Some(pair(
                    "conditions are unfolded when the book is loaded, and this one would have no end",
                    "条件在加载时全部展开，此处无法终止",
                ));
                let message = match kind {
                    Some(kind) => pair(
                        format!("the {} `{name}` needs itself", kind.word(Lang::En)),
                        format!("{} `{name}` 依赖自身", kind.word(Lang::Zh)),
                    ),
                    None => pair(format!("the function `{name}` calls itself"), format!("函数 `{name}` 调用自身")),
                };
                ("E050", message)
            }
            Problem::NotInLanguage { what } => {
                let ((en, zh), hint) = what.words();
                help = hint;
                (
                    "E051",
                    pair(
                        format!("{en} cannot stand in a condition"),
                        format!("条件中不能使用{}{zh}", if zh.starts_with('`') { " " } else { "" }),
                    ),
                )
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
            Problem::ConstantCondition { id, value } => {
                help = Some(pair("let it read a fact, or remove the rule", "请让条件使用某个指标，或删除该规则"));
                (
                    "W002",
                    pair(
                        format!("the condition of `{id}` is always {value}"),
                        format!("`{id}` 的条件恒为{}", if *value { "真" } else { "假" }),
                    ),
                )
            }
            Problem::UnknownWithin { id, named, nearest } => {
                help = did_you_mean(nearest);
                (
                    "W005",
                    pair(
                        format!("`{id}` is declared `within: \"{named}\"`, a rule that this book does not have"),
                        format!("规则 `{id}` 声明为 `within: \"{named}\"`，但规则册中没有该规则"),
                    ),
                )
            }
            Problem::UncitedDocument { id } => {
                help = Some(pair("remove it, or cite it in a rule", "请删除，或在规则中引用"));
                ("W003", pair(format!("nothing cites the document `{id}`"), format!("没有引用文件 `{id}`")))
            }
            Problem::LoweredTier { id, from, to } => {
                help = Some(pair("see that whoever decided this may decide it", "请确认作出此决定的单位有权决定"));
                (
                    "W004",
                    pair(
                        format!("rule `{id}` is lowered from {} to {}", from.name(Lang::En), to.name(Lang::En)),
                        format!("规则 `{id}` 由{}降为{}", from.name(Lang::Zh), to.name(Lang::Zh)),
                    ),
                )
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
