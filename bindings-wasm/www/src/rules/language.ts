// The rule language in the editor: colours, completion, what stands under the pointer.

import { autocompletion, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { hoverTooltip } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import { el } from "../dom";
import { hint } from "../firm/question";
import { say, state } from "../state";
import { DECLARING, LIST_CALLS, WORDS } from "./words";

const KEYWORDS = new Set(["if", "else", "switch", "for", "in", "let", "const", "fn", "import", "as", "true", "false", "return"]);

const rhai = StreamLanguage.define<{ comment: boolean }>({
    startState: () => ({ comment: false }),
    token(stream, { comment: inside }) {
        void inside;
        if (stream.match("//")) {
            stream.skipToEnd();
            return "comment";
        }
        if (stream.match(/"(?:[^"\\]|\\.)*"?/)) return "string";
        if (stream.match(/\d[\d_]*(?:\.\d+)?/)) return "number";
        if (stream.match(/#\{/)) return "bracket";
        const found = stream.match(/[\p{L}_][\p{L}\p{N}_]*/u) as RegExpMatchArray | null;
        if (found) {
            const name = found[0];
            if (KEYWORDS.has(name)) return "keyword";
            if (name in DECLARING || name in WORDS) return "typeName";
            if (stream.match(/\s*:(?!:)/, false)) return "propertyName";
            return "variableName";
        }
        stream.next();
        return null;
    },
    languageData: { commentTokens: { line: "//" }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
});

const colours = HighlightStyle.define([
    { tag: tags.comment, class: "tok-comment" },
    { tag: tags.string, class: "tok-string" },
    { tag: tags.number, class: "tok-number" },
    { tag: tags.keyword, class: "tok-keyword" },
    { tag: tags.typeName, class: "tok-word" },
    { tag: tags.propertyName, class: "tok-key" },
]);

function factCompletions(): Completion[] {
    return [
        ...state.book.facts.map((fact) => ({ label: fact.name, type: "variable", detail: [fact.type, hint(fact)].filter(Boolean).join(", "), info: say(fact.label) })),
        ...state.book.lists.map((list) => ({ label: list.name, type: "namespace", detail: "list", info: say(list.label) })),
        ...state.book.measures.map((measure) => ({ label: measure.name, type: "property", detail: measure.type, info: say(measure.label) })),
    ];
}

/** The word that declares around a place, by the brackets before it. */
function declaring(text: string): string | undefined {
    let depth = 0;
    for (let at = text.length - 1; at >= 0 && text.length - at < 8000; at -= 1) {
        const char = text[at];
        if (char === "}" || char === ")" || char === "]") depth += 1;
        else if (char === "{" || char === "(" || char === "[") {
            if (depth === 0) {
                const name = /([a-z_]+)\s*$/.exec(text.slice(Math.max(0, at - 40), at))?.[1];
                if (char === "(" && name !== undefined && name in DECLARING) return name;
            } else depth -= 1;
        }
    }
    return undefined;
}

/** What could stand here. */
export function complete(context: CompletionContext): CompletionResult | null {
    const text = context.state.sliceDoc(0, context.pos);
    const quoted = /(cite|owner|item|key_field|uses|param|lookup)\b[^"\n]*"([\w-]*)$/.exec(text);
    if (quoted) {
        const ids: { readonly [what: string]: () => Completion[] } = {
            cite: () => state.book.documents.map(({ id, title, title_en }) => ({ label: id, info: state.lang === "zh" ? title : (title_en ?? title) })),
            owner: () => state.book.roles.map(({ id, name }) => ({ label: id, info: say(name) })),
            item: () => state.book.items.map(({ id, name }) => ({ label: id, info: say(name) })),
            key_field: () => state.book.keyFields.map(({ id, name }) => ({ label: id, info: say(name) })),
            uses: () => [...new Set(state.book.sectors.flatMap(({ parts }) => parts))].map((label) => ({ label })),
            param: () => state.book.parameters.map(({ name, label }) => ({ label: name, info: say(label) })),
            lookup: () => state.book.tables.map(({ name, label }) => ({ label: name, info: say(label) })),
        };
        return { from: context.pos - (quoted[2]?.length ?? 0), options: ids[quoted[1] ?? ""]?.() ?? [] };
    }
    const member = /(\w+)\.(\w*)$/.exec(text);
    if (member) {
        const [, of = "", typed = ""] = member;
        const from = context.pos - typed.length;
        if (of === "firm") return { from, options: factCompletions() };
        if (state.book.lists.some(({ name }) => name === of)) return { from, options: LIST_CALLS.map((label) => ({ label, type: "function" })) };
        // An item of a list: the list that is asked before its name.
        const list = new RegExp(`\\.(\\w+)\\.(?:${LIST_CALLS.join("|")})\\(\\s*\\|\\s*${of}\\b`).exec(text.slice(-2000));
        const fields = state.book.lists.find(({ name }) => name === list?.[1])?.fields ?? [];
        return fields.length > 0 ? { from, options: fields.map((field) => ({ label: field.name, type: "property", detail: [field.type, hint(field)].filter(Boolean).join(", "), info: say(field.label) })) } : null;
    }
    const typed = context.matchBefore(/[\p{L}_][\w]*/u);
    if (!typed && !context.explicit) return null;
    const from = typed?.from ?? context.pos;
    const around = declaring(text.slice(0, from));
    const keys = around && /(?:^|[{,\n])\s*$/.test(text.slice(0, from)) ? (DECLARING[around]?.keys ?? []) : [];
    return {
        from,
        options: [
            ...keys.map((label) => ({ label, type: "property", apply: `${label}: `, boost: 10 })),
            ...Object.entries(DECLARING).map(([label, { about }]) => ({ label, type: "keyword", info: say(about) })),
            ...Object.entries(WORDS).map(([label, about]) => ({ label, type: "constant", info: say(about) })),
        ],
    };
}

/** What a name means. */
export function meaning(name: string): string | undefined {
    const fact = state.book.facts.find((one) => one.name === name);
    const read = (of: string) => state.book.rules.filter(({ condition, formula }) => new RegExp(`\\b${of}\\b`).test(`${condition ?? ""} ${formula ?? ""}`)).length;
    if (fact) return [say(fact.label), fact.type, hint(fact), fact.one_of.join(" | "), `${read(name)} rules`].filter(Boolean).join(" · ");
    const list = state.book.lists.find((one) => one.name === name);
    if (list) return `${say(list.label)} · ${list.fields.map((field) => field.name).join(", ")}`;
    const field = state.book.lists.flatMap((one) => one.fields).find((one) => one.name === name);
    if (field) return [say(field.label), field.type, hint(field)].filter(Boolean).join(" · ");
    const measure = state.book.measures.find((one) => one.name === name);
    if (measure) return [say(measure.label), measure.type, measure.unit].filter(Boolean).join(" · ");
    const about = DECLARING[name]?.about ?? WORDS[name];
    return about ? say(about) : undefined;
}

const hover = hoverTooltip((view, pos) => {
    const line = view.state.doc.lineAt(pos);
    for (const found of line.text.matchAll(/[\p{L}_][\w]*/gu)) {
        const from = line.from + found.index;
        const to = from + found[0].length;
        if (pos < from || pos > to) continue;
        const text = meaning(found[0]);
        if (!text) return null;
        return { pos: from, end: to, above: true, create: () => ({ dom: el("div", { class: "hover" }, el("code", {}, found[0]), ` ${text}`) }) };
    }
    return null;
});

export function language(): Extension {
    return [rhai, syntaxHighlighting(colours), autocompletion({ override: [complete] }), hover];
}
