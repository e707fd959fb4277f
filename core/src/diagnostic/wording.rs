//! The words for what a script cannot be read for, or stopped at, and for types, suggestions and examples.

use super::catalogue::{Declared, Pair, pair};
use crate::{Lang, Type};

/// What a script that cannot be read has in the wrong place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Misread {
    FullWidth { found: char, meant: &'static str },
    NotOperator { found: String, meant: &'static str },
    NoSuchOperator { found: String },
    MissingSign { sign: String, before: String },
    Unexpected { found: String },
    NoHash,
    SingleQuotes,
    OpenText,
    BadEscape { found: String },
    BadNumber { found: String },
    Forbidden { word: String },
    KeyTwice { key: String },
    NotAKey { found: String },
    Constant { name: String },
    NestedFunction,
    FunctionTwice { name: String },
    NotCondition,
    NotIterable,
    Other { reason: String },
}

/// Why a script stopped while it declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stopped {
    NoSuchDay {
        day: String,
    },
    /// A word of the vocabulary, and what it was given, in English and Chinese.
    WrongForm {
        word: String,
        found: Vec<Pair>,
    },
    Operator {
        name: String,
        found: Vec<Pair>,
    },
    NoKey {
        key: String,
    },
    NoItem {
        number: String,
    },
    DivisionByZero,
    Overflow,
    Thrown {
        text: String,
    },
    Other {
        reason: String,
    },
}

/// How to mend a value of the wrong type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    WriteDate,
    NoQuotes,
    BoolAlone,
    AlreadyWhole,
    CompareLimits,
    WholeDays,
    CompareFirst,
}

/// A message, what was expected, and how to mend it.
pub(super) type Words = (Pair, Option<Pair>, Option<Pair>);

fn type_words(ty: Type) -> (&'static str, &'static str) {
    match ty {
        Type::Bool => ("bool", "布尔值"),
        Type::Int => ("int", "整数"),
        Type::Float => ("float", "小数"),
        Type::Text => ("text", "文本"),
        Type::Date => ("date", "日期"),
    }
}

/// One of these types.
pub(super) fn types(wanted: &[Type]) -> Pair {
    let (en, zh): (Vec<&str>, Vec<&str>) = wanted.iter().map(|ty| type_words(*ty)).unzip();
    let en = match en.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        other => other.concat(),
    };
    let zh = match zh.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{}或{last}", first.join("、")),
        other => other.concat(),
    };
    pair(en, zh)
}

pub(super) fn did_you_mean(nearest: &Option<String>) -> Option<Pair> {
    nearest.as_ref().map(|name| pair(format!("did you mean `{name}`?"), format!("是否要写 `{name}`？")))
}

/// What a missing key could look like.
pub(super) fn example(kind: Declared, key: &str) -> &'static str {
    match (kind, key) {
        (Declared::Rule, "item") => "\"...\"",
        (Declared::List, "item") => "#{ name: field(TEXT, #{ en: \"...\", zh: \"...\" }) }",
        (Declared::Measure, "value") => "|firm| ...",
        (_, "risk" | "finding" | "control" | "name" | "control_level" | "frequency" | "verified_by") => {
            "#{ en: \"...\", zh: \"...\" }"
        }
        (_, "cite") => "cite(\"DOCUMENT\", \"article\", READ)",
        (_, "since") => "date(2026, 5, 1)",
        (_, "days" | "establish_days") => "30",
        (_, "values") => "[ #{ since: date(2026, 5, 1), value: 1, cite: own(\"...\") } ]",
        (_, "rows") => "#{ \"key\": 1.0 }",
        (_, "bands") => "[ #{ tier: RED, below: 60 }, #{ tier: BLUE, from: 60 } ]",
        (_, "base") => "100",
        (_, "tier") => "RED",
        (_, "owner" | "title" | "number") => "\"...\"",
        _ => "...",
    }
}

/// Words of other languages for what this one has.
pub(super) fn synonym(name: &str) -> Option<Pair> {
    let meant = match name {
        "any" | "exists" | "find" | "has" => "some",
        "every" => "all",
        "total" => "sum",
        "size" | "length" => "len",
        "begins_with" | "startsWith" => "starts_with",
        "endsWith" => "ends_with",
        "matches" | "includes" => "contains",
        "ceil" => "ceiling",
        "is_known" | "defined" | "is_def_var" => "known",
        "isEmpty" | "empty" => "is_empty",
        "int" | "to_integer" | "parse_int" => "to_int",
        "float" | "parse_float" => "to_float",
        "parameter" => "param",
        "now" | "today" | "timestamp" | "AS_OF" => {
            return Some(pair("the grading date is `AS_OF`, without brackets", "评估日期写作 `AS_OF`，不带括号"));
        }
        "map" | "reduce" => {
            return Some(pair(
                "ask the list with `sum`, `count`, `max` or `min` and a closure",
                "请对列表使用带闭包的 `sum`、`count`、`max` 或 `min`",
            ));
        }
        "to_upper" | "to_lower" | "trim" => {
            return Some(pair(
                "texts are compared as they are: name every form, as in `x in [\"a\", \"A\"]`",
                "文本按原样比较：请列出各种写法，如 `x in [\"a\", \"A\"]`",
            ));
        }
        _ => return None,
    };
    did_you_mean(&Some(meant.to_owned()))
}

/// How a word of the vocabulary is used.
fn usage(word: &str) -> Option<&'static str> {
    Some(match word {
        "document" => "document(\"ID\", #{ title: ..., number: ... })",
        "role" => "role(\"id\", #{ en: ..., zh: ... })",
        "sector" => "sector(\"id\", #{ name: ... })",
        "part" => "part(\"id\", #{ name: ... })",
        "fact" => "fact(\"name\", TYPE, #{ en: ..., zh: ... })",
        "list" => "list(\"name\", #{ en: ..., zh: ..., item: #{ ... } })",
        "field" => "field(TYPE, #{ en: ..., zh: ... })",
        "measure" => "measure(\"name\", TYPE, #{ en: ..., zh: ..., value: |firm| ... })",
        "parameter" => "parameter(\"name\", TYPE, #{ en: ..., zh: ..., values: [ ... ] })",
        "table" => "table(\"name\", #{ en: ..., zh: ..., cite: ..., rows: #{ ... } })",
        "item" => "item(\"id\", #{ en: ..., zh: ... })",
        "rule" => "rule(\"ID\", #{ ... })",
        "cite" => "cite(\"DOCUMENT\", \"article\", READ)",
        "own" => "own(\"reason\")",
        "date" => "date(2026, 5, 1)",
        _ => return None,
    })
}

impl Hint {
    pub(super) fn words(self) -> Pair {
        match self {
            Hint::WriteDate => pair("write a day as `date(2026, 5, 1)`", "日期写作 `date(2026, 5, 1)`"),
            Hint::NoQuotes => pair("write a number without quotes", "数字不加引号"),
            Hint::BoolAlone => pair("a bool stands alone: `x` or `!x`", "布尔值可直接使用：`x` 或 `!x`"),
            Hint::AlreadyWhole => pair("an int is whole already: leave the function out", "整数无需取整：请去掉该函数"),
            Hint::CompareLimits => pair("write `x >= 1.0 && x < 5.0`", "请写 `x >= 1.0 && x < 5.0`"),
            Hint::WholeDays => pair("a date and whole days, as in `x + 30`", "日期只能加减整数天数，如 `x + 30`"),
            Hint::CompareFirst => pair("compare it, as in `x > 0`", "请加上比较，如 `x > 0`"),
        }
    }
}

/// In backticks; a backtick itself becomes a plain quote.
fn quoted(sign: &str) -> String {
    format!("`{}`", sign.replace('`', "'"))
}

/// A token of the script, or its end.
fn token(text: &str) -> Pair {
    if text.is_empty() {
        pair("the end of the script", "脚本末尾")
    } else {
        pair(quoted(text), format!(" {} ", quoted(text)))
    }
}

impl Misread {
    pub(super) fn words(&self) -> (Pair, Option<Pair>) {
        match self {
            Misread::FullWidth { found, meant } => (
                pair(format!("`{found}` is a full-width character"), format!("`{found}` 是全角字符")),
                Some(pair(
                    format!("outside of texts, write {}", quoted(meant)),
                    format!("文本之外请用半角 {}", quoted(meant)),
                )),
            ),
            Misread::NotOperator { found, meant } => (
                pair(format!("`{found}` is not an operator here"), format!("`{found}` 在此处不是运算符")),
                Some(pair(format!("write `{meant}`"), format!("请写 `{meant}`"))),
            ),
            Misread::NoSuchOperator { found } => (
                pair(format!("there is no operator `{found}`"), format!("没有运算符 `{found}`")),
                Some(match found.as_str() {
                    "?" => pair("write `if a { b } else { c }`", "请写 `if a { b } else { c }`"),
                    "%" => pair("write a percentage as a number, such as `10.0`", "百分数请写成数字，如 `10.0`"),
                    _ => pair(
                        "the operators are `+ - * / % == != < <= > >= && || ! ?? in`",
                        "可用的运算符是 `+ - * / % == != < <= > >= && || ! ?? in`",
                    ),
                }),
            ),
            Misread::MissingSign { sign, before } => {
                let (en, zh) = token(before);
                let key = sign == ":";
                let sign = quoted(sign);
                (
                    pair(
                        format!("{sign} is missing before {en}"),
                        format!("{zh}之前缺少 {sign}").trim_start().to_owned(),
                    ),
                    Some(if key {
                        pair("write `key: value`, and put unusual keys in quotes", "请写 `键: 值`，特殊的键加引号")
                    } else {
                        pair(
                            format!(
                                "add {sign}, or look before this place for a bracket or a quote that is not closed"
                            ),
                            format!("请添加 {sign}，或检查此前是否有未闭合的括号或引号"),
                        )
                    }),
                )
            }
            Misread::Unexpected { found } => {
                let (en, zh) = token(found);
                (
                    pair(format!("{en} cannot stand here"), format!("此处不能是{zh}").trim_end().to_owned()),
                    Some(pair(
                        "a value is missing before it, or it is one sign too many",
                        "此前缺少一个值，或多写了符号",
                    )),
                )
            }
            Misread::NoHash => (
                pair("`{` without `#` begins a block, not a map", "`{` 之前没有 `#`，是代码块而不是映射"),
                Some(pair("write `#{`", "请写 `#{`")),
            ),
            Misread::SingleQuotes => (
                pair("a text stands in single quotes", "文本写在了单引号中"),
                Some(pair("write double quotes, `\"...\"`", "请用双引号 `\"...\"`")),
            ),
            Misread::OpenText => {
                (pair("a text is not closed", "文本没有闭合"), Some(pair("add `\"` at its end", "请在末尾添加 `\"`")))
            }
            Misread::BadEscape { found } => (
                pair(format!("a text cannot contain {}", quoted(found)), format!("文本中不能有 {}", quoted(found))),
                Some(pair("write a backslash twice", "反斜杠请写两次")),
            ),
            Misread::BadNumber { found } => (
                pair(format!("{} is not a number", quoted(found)), format!("{} 不是数字", quoted(found))),
                Some(pair("write a number as `12` or `1.5`", "数字写作 `12` 或 `1.5`")),
            ),
            Misread::Forbidden { word } => (
                pair(
                    format!("{} is not part of the rule language", quoted(word)),
                    format!("规则语言中没有 {}", quoted(word)),
                ),
                Some(match word.as_str() {
                    "while" | "loop" | "do" => {
                        pair("repeat declarations with `for x in [...]`", "重复声明请用 `for x in [...]`")
                    }
                    _ => pair("remove it, or use another name", "请删除，或改用其他名称"),
                }),
            ),
            Misread::KeyTwice { key } => (
                pair(
                    format!("the key {} stands twice in one map", quoted(key)),
                    format!("同一映射中键 {} 出现两次", quoted(key)),
                ),
                Some(pair("remove one of them", "请删除其一")),
            ),
            Misread::NotAKey { found } => {
                let (en, zh) = token(found);
                (
                    pair(
                        format!("{en} cannot be the key of a map"),
                        format!("{zh}不能作为映射的键").trim_start().to_owned(),
                    ),
                    Some(pair("write `key: value`, and put unusual keys in quotes", "请写 `键: 值`，特殊的键加引号")),
                )
            }
            Misread::Constant { name } => (
                pair(format!("{} is a constant", quoted(name)), format!("{} 是常量", quoted(name))),
                Some(pair("declare it with `let`, or use another name", "请用 `let` 声明，或改用其他名称")),
            ),
            Misread::NestedFunction => (
                pair("a function stands inside a block", "函数写在了代码块中"),
                Some(pair("move it to the top level of the script", "请移到脚本最外层")),
            ),
            Misread::FunctionTwice { name } => (
                pair(
                    format!("the function {} is there twice", quoted(name)),
                    format!("函数 {} 重复定义", quoted(name)),
                ),
                Some(pair("give one of them another name", "请为其中之一另取名称")),
            ),
            Misread::NotCondition => (
                pair("this is neither true nor false", "此处不是真假值"),
                Some(pair("compare it, as in `x > 0`", "请加上比较，如 `x > 0`")),
            ),
            Misread::NotIterable => (
                pair("`for` cannot go through this", "`for` 不能遍历此处的值"),
                Some(pair(
                    "write an array or a range, as in `for x in [1, 2]`",
                    "请写数组或区间，如 `for x in [1, 2]`",
                )),
            ),
            Misread::Other { reason } => {
                (pair(format!("the script cannot be read: {reason}"), format!("无法解析脚本：{reason}")), None)
            }
        }
    }
}

fn given(found: &[Pair]) -> Pair {
    if found.is_empty() {
        return pair("nothing", "空参数");
    }
    let (en, zh): (Vec<&str>, Vec<&str>) = found.iter().map(|(en, zh)| (en.as_str(), zh.as_str())).unzip();
    let en = match en.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        other => other.concat(),
    };
    pair(en, zh.join("、"))
}

impl Stopped {
    pub(super) fn words(&self) -> Words {
        match self {
            Stopped::NoSuchDay { day } => (
                pair(format!("there is no day `{day}`"), format!("没有日期 `{day}`")),
                Some(pair("a day of the calendar, as in `date(2026, 5, 1)`", "有效日期，如 `date(2026, 5, 1)`")),
                None,
            ),
            Stopped::WrongForm { word, found } => {
                let (en, zh) = given(found);
                (
                    pair(format!("`{word}` is given {en}"), format!("`{word}` 得到的是{zh}")),
                    usage(word).map(|usage| pair(format!("`{usage}`"), format!("`{usage}`"))),
                    None,
                )
            }
            Stopped::Operator { name, found } => {
                let (en, zh) = given(found);
                (
                    pair(format!("`{name}` cannot be used with {en}"), format!("`{name}` 不能用于{zh}")),
                    Some(pair("two values that go together", "类型相配的两个值")),
                    None,
                )
            }
            Stopped::NoKey { key } => (
                pair(format!("the map has no key {}", quoted(key)), format!("映射中没有键 {}", quoted(key))),
                Some(pair("a key of the map", "映射中已有的键")),
                None,
            ),
            Stopped::NoItem { number } => (
                pair(format!("the array has no item {number}"), format!("数组没有第 {number} 项")),
                Some(pair("a number from 0 on, below the length of the array", "从 0 开始、小于数组长度的序号")),
                None,
            ),
            Stopped::DivisionByZero => {
                (pair("division by zero", "除数为零"), None, Some(pair("give another divisor", "请改用其他除数")))
            }
            Stopped::Overflow => (
                pair("the number is too large", "数字过大"),
                None,
                Some(pair("calculate with decimals, such as `1.0`", "请用小数计算，如 `1.0`")),
            ),
            Stopped::Thrown { text } => {
                (pair(format!("the script threw {}", quoted(text)), format!("脚本抛出 {}", quoted(text))), None, None)
            }
            Stopped::Other { reason } => {
                (pair(format!("the script stopped: {reason}"), format!("脚本中止：{reason}")), None, None)
            }
        }
    }
}

impl Declared {
    /// `a rule`.
    pub(super) fn with_article(self) -> String {
        let article = if self == Declared::IssuedList { "an" } else { "a" };
        format!("{article} {}", self.word(Lang::En))
    }

    /// How something of this kind comes to be there.
    pub(super) fn declaration(self) -> Pair {
        let call = match self {
            Declared::Document => "document(...)",
            Declared::Role => "role(...)",
            Declared::KeyField => "key_field(...)",
            Declared::Sector => "sector(...)",
            Declared::Part => "part(...)",
            Declared::Fact => "fact(...)",
            Declared::List => "list(...)",
            Declared::Field => "field(...)",
            Declared::Measure => "measure(...)",
            Declared::Parameter => "parameter(...)",
            Declared::Table => "table(...)",
            Declared::Item => {
                return pair(
                    "a scored item declared with `item(...)` in this sector or part",
                    "本行业或通用部分中以 `item(...)` 声明的评分项目",
                );
            }
            Declared::Rule => "rule(...)",
            Declared::Supervision => "supervision(...)",
            Declared::IssuedList => {
                return pair("`risks`, `hazards` or `responsibilities`", "`risks`、`hazards` 或 `responsibilities`");
            }
        };
        pair(
            format!("{} declared with `{call}`", self.with_article()),
            format!("以 `{call}` 声明的{}", self.word(Lang::Zh)),
        )
    }
}
