// What the examples beside a script come to, and what they leave open.

import type { Tested } from "risktier";

import { el } from "../dom";
import { t } from "../state";

/** So many of each are named, with so many characters of their facts. */
const NAMED = 20;
const FACTS = 200;

/** Of a script's own rules: what is shared is tested by more examples than one sector has. */
export function testResult({ cases, failed, open }: Tested, script: string): HTMLElement {
    const own = open.filter((atom) => atom.script === script);
    const line = (rule: string, text: string, code: string) =>
        el("li", {}, el("strong", {}, rule), ` ${text} `, el("code", {}, code.length > FACTS ? `${code.slice(0, FACTS)} …` : code));
    const list = (name: string, title: string, lines: readonly HTMLElement[]) =>
        lines.length === 0 ? null : el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title }, el("ul", { class: `cases ${name}` }, lines.slice(0, NAMED)));
    const failing = failed.map(({ name, wanted, came, facts }) => line(name, `${t().wanted} ${wanted}, ${t().came} ${came ?? ""}`, facts));
    const shownNot = own.map(({ rule, text, when_true, when_false }) => line(rule, [when_true ? "" : t().whenTrue, when_false ? "" : t().whenFalse].filter(Boolean).join(", "), text));
    return el("div", { class: "tests" },
        el("p", {}, el("strong", { class: failed.length > 0 ? "moved" : "" }, `${cases - failed.length} / ${cases}`), ` ${t().casesHold}`),
        list("failed", t().tests, failing),
        el("p", {}, own.length === 0 ? t().allShown : `${own.length} ${t().openConditions}`),
        list("open", t().openConditions, shownNot),
    );
}
