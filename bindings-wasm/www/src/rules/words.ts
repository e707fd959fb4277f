// The words of the rule language, with what they do: for completion and for who points at one.

import type { Label } from "risktier";

const word = (en: string, zh: string): Label => ({ en, zh });

/** Words that declare, and the keys of their maps. */
export const DECLARING: { readonly [name: string]: { readonly about: Label; readonly keys: readonly string[] } } = {
    document: { about: word("A document that rules cite", "规则引用的文件"), keys: ["title", "title_en", "number", "issuer", "date", "url"] },
    role: { about: word("A post that answers for rules", "负责规则的岗位"), keys: ["en", "zh"] },
    key_field: { about: word("A key field", "重点领域"), keys: ["en", "zh"] },
    sector: { about: word("A sector; the rules after it are its own", "行业，其后的规则属于该行业"), keys: ["name", "key_field", "codes", "uses", "score"] },
    part: { about: word("A group of rules that sectors take over", "供行业采用的一组规则"), keys: ["name"] },
    fact: { about: word("A fact that firms are asked for", "向企业询问的事实"), keys: ["en", "zh", "unit", "min", "max", "one_of", "absent"] },
    list: { about: word("A list of records, such as an inventory", "记录清单，如存量表"), keys: ["en", "zh", "item"] },
    field: { about: word("A field of the records of a list", "清单记录的字段"), keys: ["en", "zh", "unit", "min", "max", "one_of"] },
    measure: { about: word("A quantity that is computed and reported", "计算并报告的量"), keys: ["en", "zh", "unit", "value"] },
    parameter: { about: word("A number that may change by date", "可随日期变化的参数"), keys: ["en", "zh", "unit", "values"] },
    table: { about: word("A table to look values up", "查值表"), keys: ["en", "zh", "unit", "cite", "rows", "ranges"] },
    item: { about: word("A scored item, with limits to its points", "计分项及其上下限"), keys: ["en", "zh", "lowest", "highest"] },
    rule: {
        about: word("A rule: what could happen, what is wrong, when, how bad, by which clause", "规则：风险、问题、条件、等级、依据"),
        keys: ["risk", "finding", "control", "when", "tier", "item", "deduct", "add", "major", "lasting", "cite", "since", "until", "owner", "days"],
    },
    supervision: { about: word("What follows from a tier", "等级对应的监管要求"), keys: ["control_level", "frequency", "every_days", "verified_by", "establish_days", "cite"] },
    issued_list: { about: word("What an issued list is called", "下发清单的名称"), keys: ["en", "zh", "cite"] },
};

/** What can be said inside. */
export const WORDS: { readonly [name: string]: Label } = {
    cite: word("A clause of a document: cite(\"ID\", \"Art. 1\", READ)", "引用条款"),
    own: word("Own judgement, with its reason", "自行判断及理由"),
    date: word("A day: date(2026, 11, 1)", "日期"),
    lookup: word("A value of a table", "查表取值"),
    param: word("A parameter on the grading date", "评定日期的参数值"),
    known: word("Is it known?", "是否已知"),
    AS_OF: word("The grading date", "评定日期"),
    BOOL: word("Yes or no", "是或否"),
    INT: word("A whole number", "整数"),
    FLOAT: word("A number", "数"),
    TEXT: word("A text", "文本"),
    DATE: word("A day", "日期"),
    RED: word("Red", "红"),
    ORANGE: word("Orange", "橙"),
    YELLOW: word("Yellow", "黄"),
    BLUE: word("Blue", "蓝"),
    READ: word("The clause was read", "条款已核对"),
    RECALLED: word("The clause was recalled, not read", "条款凭记忆，未核对"),
};

/** What a list can be asked. */
export const LIST_CALLS = ["some", "all", "sum", "count", "max", "min", "filter", "len"] as const;
