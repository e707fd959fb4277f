//! What the words of the vocabulary and the functions of conditions do, and which keys a declaration has.

/// A word, how it is written, what it does in English and Chinese, and the keys of its map.
pub(super) struct Word {
    pub(super) name: &'static str,
    pub(super) usage: &'static str,
    pub(super) en: &'static str,
    pub(super) zh: &'static str,
    pub(super) keys: &'static [&'static str],
}

const fn word(
    name: &'static str,
    usage: &'static str,
    en: &'static str,
    zh: &'static str,
    keys: &'static [&'static str],
) -> Word {
    Word { name, usage, en, zh, keys }
}

const LABEL: &[&str] = &["en", "zh"];
const FACT: &[&str] = &["en", "zh", "unit", "min", "max", "one_of", "absent", "worse"];
const SUPERVISION: &[&str] = &["control_level", "frequency", "every_days", "verified_by", "establish_days", "cite"];

/// Of statements.
#[rustfmt::skip]
pub(super) const WORDS: [Word; 25] = [
    word("document", "document(\"ID\", #{ .. })", "A document that rules cite.", "规则引用的文件。", &["title", "title_en", "number", "issuer", "date", "url", "until", "replaced_by"]),
    word("role", "role(\"id\", #{ en: .., zh: .. })", "A post that answers for rules.", "对规则负责的岗位。", LABEL),
    word("key_field", "key_field(\"id\", #{ en: .., zh: .. })", "A field of work that an authority watches above others.", "主管部门重点监管的领域。", LABEL),
    word("sector", "sector(\"id\", #{ name: .. })", "An industry; rules and items behind it in the script belong to it.", "行业；脚本中其后的规则和评分项目属于它。", &["name", "key_field", "codes", "uses", "score"]),
    word("part", "part(\"id\", #{ name: .. })", "A group of rules that sectors take over with `uses`.", "供行业以 `uses` 采用的一组规则。", &["name"]),
    word("fact", "fact(\"name\", TYPE, #{ .. })", "A fact of a firm, which conditions read as `firm.name`.", "企业的一项事实，条件中写作 `firm.name`。", FACT),
    word("list", "list(\"name\", #{ .., item: #{ .. } })", "A list of records of a firm, such as an inventory.", "企业的记录列表，如库存清单。", &["en", "zh", "item"]),
    word("field", "field(TYPE, #{ .. })", "A field of the items of a list.", "列表各项的字段。", FACT),
    word("measure", "measure(\"name\", TYPE, #{ .., value: |firm| .. })", "A quantity computed from facts and reported with every grade.", "由事实计算、随评估结果给出的量。", &["en", "zh", "unit", "value"]),
    word("parameter", "parameter(\"name\", TYPE, #{ .. })", "A number or text that the law sets from a day on.", "法规自某日起规定的数值或文本。", &["en", "zh", "unit", "values"]),
    word("table", "table(\"name\", #{ .. })", "Data that conditions look up, by text (`rows`) or by number (`ranges`).", "供条件查找的数据：按文本（`rows`）或按数值（`ranges`）。", &["en", "zh", "unit", "cite", "rows", "ranges"]),
    word("item", "item(\"id\", #{ .. })", "A scored item of this sector or part, with limits.", "本行业或通用部分的评分项目及其上下限。", &["en", "zh", "lowest", "highest"]),
    word("rule", "rule(\"ID\", #{ .. })", "What is asked, what follows, whence it comes, and who does what by when.", "规则：问什么、有何后果、依据、由谁何时整改。", &["risk", "finding", "when", "tier", "item", "deduct", "add", "major", "lasting", "cite", "since", "until", "replaces", "within", "control", "owner", "days"]),
    word("supervision", "supervision(TIER, #{ .. })", "How firms of a tier are controlled and inspected.", "某等级企业的管控与检查要求。", SUPERVISION),
    word("issued_list", "issued_list(\"risks\", #{ .. })", "What one of the three lists is called, and on what ground.", "三单之一的名称与依据。", &["en", "zh", "cite"]),
    word("amend_role", "amend_role(\"id\", #{ .. })", "Another name for a post of the book.", "另定规则册中岗位的名称。", LABEL),
    word("amend_key_field", "amend_key_field(\"id\", #{ .. })", "Another name for a key field of the book.", "另定规则册中重点领域的名称。", LABEL),
    word("amend_sector", "amend_sector(\"id\", #{ .. })", "Sets a sector of the book otherwise; `uses` is added to.", "另定规则册中的行业；`uses` 为追加。", &["name", "key_field", "codes", "uses", "score"]),
    word("amend_parameter", "amend_parameter(\"name\", #{ values: [..] })", "Other values of a parameter of the book.", "另定规则册中的参数值。", &["values"]),
    word("amend_rule", "amend_rule(\"ID\", #{ .., cite: .. })", "Another colour, time limit, owner or wording of a rule, with its ground.", "另定规则的颜色、期限、责任岗位或措辞，并注明依据。", &["tier", "days", "owner", "risk", "finding", "control", "cite"]),
    word("amend_supervision", "amend_supervision(TIER, #{ .. })", "Sets the supervision of a tier otherwise.", "另定某等级的监管要求。", SUPERVISION),
    word("amend_issued_list", "amend_issued_list(\"risks\", #{ .. })", "Another name for one of the three lists.", "另定三单之一的名称。", &["en", "zh", "cite"]),
    word("import", "import \"shared/name\" as name;", "The functions of another script, as `name::function(..)`.", "引入另一脚本的函数，写作 `name::function(..)`。", &[]),
    word("fn", "fn name(firm) { .. }", "A function, which is inlined where conditions call it.", "函数，在条件调用处展开。", &[]),
    word("let", "let name = value;", "A name for a value.", "为一个值命名。", &[]),
];

/// Of values and citations, and of conditions.
#[rustfmt::skip]
pub(super) const FUNCTIONS: [Word; 13] = [
    word("cite", "cite(\"DOCUMENT\", \"Art. 1\", READ)", "A clause of a document; READ if its author had it at hand, else RECALLED.", "引用文件条款；作者核对过原文为 READ，否则为 RECALLED。", &[]),
    word("own", "own(\"reason\")", "This book's own judgement, with its reason.", "本规则册自定，并说明理由。", &[]),
    word("date", "date(2026, 5, 1)", "A day.", "日期。", &[]),
    word("known", "known(x)", "Whether a value is known; itself never unknown.", "值是否已知；其本身不会未知。", &[]),
    word("at_least", "at_least(2, [a, b, c])", "True once so many of the conditions are true, false once too many are false.", "至少这么多项条件为真即为真，其余各项不足以凑足时为假。", &[]),
    word("lookup", "lookup(\"table\", key)", "The value of a table for a key; a fault where there is none.", "在表中按键取值；无此键则为故障。", &[]),
    word("param", "param(\"name\")", "The value of a parameter on the grading date.", "参数在评估日期的值。", &[]),
    word("min", "min(a, b)", "The smaller of two numbers.", "两数中较小者。", &[]),
    word("max", "max(a, b)", "The larger of two numbers.", "两数中较大者。", &[]),
    word("abs", "abs(x)", "A number without its sign.", "绝对值。", &[]),
    word("to_float", "to_float(x)", "A whole number as a float, which divides exactly.", "整数转为小数。", &[]),
    word("to_int", "to_int(x)", "A number without its decimals.", "取整数部分。", &[]),
    word("AS_OF", "AS_OF", "The grading date.", "评估日期。", &[]),
];

/// Behind the dot of a list.
#[rustfmt::skip]
pub(super) const OF_LISTS: [Word; 9] = [
    word("some", "firm.list.some(|i| i.field > 0)", "True if the condition holds for an item.", "有一项满足条件即为真。", &[]),
    word("all", "firm.list.all(|i| i.field > 0)", "True if the condition holds for every item.", "各项都满足条件才为真。", &[]),
    word("count", "firm.list.count(|i| i.field > 0)", "How many items the condition holds for.", "满足条件的项数。", &[]),
    word("sum", "firm.list.sum(|i| i.field)", "The sum over the items.", "各项之和。", &[]),
    word("max", "firm.list.max(|i| i.field)", "The largest value; a fault for an empty list.", "最大值；空列表为故障。", &[]),
    word("min", "firm.list.min(|i| i.field)", "The smallest value; a fault for an empty list.", "最小值；空列表为故障。", &[]),
    word("filter", "firm.list.filter(|i| i.field > 0)", "The items that the condition holds for.", "满足条件的各项。", &[]),
    word("len", "firm.list.len()", "How many items there are.", "项数。", &[]),
    word("is_empty", "firm.list.is_empty()", "True if there is no item.", "没有任何一项时为真。", &[]),
];

/// Behind the dot of a text or number.
#[rustfmt::skip]
pub(super) const OF_VALUES: [Word; 7] = [
    word("starts_with", "x.starts_with(\"a\")", "True if a text begins so.", "文本以此开头。", &[]),
    word("ends_with", "x.ends_with(\"a\")", "True if a text ends so.", "文本以此结尾。", &[]),
    word("contains", "x.contains(\"a\")", "True if it is inside.", "是否包含。", &[]),
    word("len", "x.len()", "How many characters a text has.", "文本的字数。", &[]),
    word("round", "x.round()", "To the nearest whole number.", "四舍五入。", &[]),
    word("floor", "x.floor()", "Down to a whole number.", "向下取整。", &[]),
    word("ceiling", "x.ceiling()", "Up to a whole number.", "向上取整。", &[]),
];

pub(super) const TYPES: [&str; 5] = ["BOOL", "INT", "FLOAT", "TEXT", "DATE"];
pub(super) const TIERS: [&str; 4] = ["RED", "ORANGE", "YELLOW", "BLUE"];
pub(super) const DIRECTIONS: [&str; 4] = ["UP", "DOWN", "TRUE", "FALSE"];
pub(super) const BASES: [&str; 2] = ["READ", "RECALLED"];
/// The keys of the maps inside a declaration.
pub(super) const INNER: [(&str, &[&str]); 3] =
    [("score", &["base", "bands"]), ("bands", &["tier", "from", "below"]), ("values", &["since", "value", "cite"])];

pub(super) fn find(name: &str) -> Option<&'static Word> {
    WORDS.iter().chain(&FUNCTIONS).find(|word| word.name == name)
}
