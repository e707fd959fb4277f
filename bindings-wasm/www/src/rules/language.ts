// The rule language in the editor: colours, completion, what stands under the pointer. What may stand where, and what a name means, says
// the package, as it says it to any editor.

import { autocompletion, type Completion as Choice, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { hoverTooltip } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Completion } from "risktier";

import { el } from "../dom";
import { say } from "../state";
import { ask } from "./ask";
import { markdown } from "./markdown";

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
            // Words that declare, functions, and marks such as RED.
            if (stream.match(/\s*\(/, false) || /^[A-Z][A-Z_]*$/.test(name)) return "typeName";
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

const ICONS: { readonly [kind: string]: string } = { fact: "variable", list: "namespace", field: "property", measure: "property", function: "function", word: "keyword", key: "property" };

function choice({ label, kind, detail, documentation }: Completion): Choice {
    const key = kind === "key";
    return {
        label,
        type: ICONS[kind] ?? "constant",
        detail,
        ...(key ? { apply: `${label}: `, boost: 10 } : {}),
        ...(documentation ? { info: say(documentation) } : {}),
    };
}

/** What could stand here. */
async function complete(context: CompletionContext, script: string): Promise<CompletionResult | null> {
    const before = context.matchBefore(/[\p{L}\p{N}_]*$/u)?.text ?? "";
    const opens = /[."]$/.test(context.state.sliceDoc(Math.max(0, context.pos - before.length - 1), context.pos - before.length));
    if (before === "" && !opens && !context.explicit) return null;
    const found = await ask({ what: "complete", script, text: context.state.doc.toString(), offset: context.pos });
    const [first] = found;
    return first ? { from: first.span.from.offset_utf16, options: found.map(choice) } : null;
}

export function language(script: string): Extension {
    const hover = hoverTooltip(async (view, pos) => {
        const found = await ask({ what: "hover", script, text: view.state.doc.toString(), offset: pos });
        if (!found) return null;
        const { from, to } = found.span;
        return { pos: from.offset_utf16, end: to.offset_utf16, above: true, create: () => ({ dom: el("div", { class: "hover" }, markdown(say(found.text))) }) };
    });
    return [rhai, syntaxHighlighting(colours), autocompletion({ override: [(context) => complete(context, script)] }), hover];
}
