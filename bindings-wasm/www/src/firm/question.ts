// One question of the form, by the type of its fact. "Unknown" is an answer that can be chosen.

import type { Fact, FactValue } from "risktier";

import { el } from "../dom";
import { say, t } from "../state";
import { valueOf } from "./answers";

let next = 0;

/** Unit and range of a fact, as a hint. */
export function hint(fact: Fact): string {
    const unit = fact.unit && fact.unit !== "1" ? fact.unit : "";
    const { min, max } = fact;
    const range = min !== null && max !== null ? `${String(min)} – ${String(max)}` : min !== null ? `≥ ${String(min)}` : max !== null ? `≤ ${String(max)}` : "";
    return [unit, range].filter(Boolean).join(", ");
}

/** The control for a fact: shows a value, tells of a change. */
export function control(fact: Fact, value: FactValue, labelledBy: string, set: (value: FactValue) => void): HTMLElement {
    if (fact.type === "bool") return yesNo(value, labelledBy, set);
    if (fact.type === "text" && fact.one_of.length > 0) {
        const options = [el("option", { value: "" }, t().unknown), ...fact.one_of.map((one) => el("option", { value: one, selected: value === one }, one))];
        const select = el("select", { "aria-labelledby": labelledBy, onchange: () => set(select.value || undefined) }, options);
        return select;
    }
    const number = fact.type === "int" || fact.type === "float";
    const input = el("input", {
        type: fact.type === "date" ? "date" : "text",
        inputmode: number && "decimal",
        "aria-labelledby": labelledBy,
        value: value === undefined || value === null ? "" : String(value),
        placeholder: t().unknown,
        autocomplete: "off",
        oninput: () => {
            const given = valueOf(fact, input.value.trim());
            input.setAttribute("aria-invalid", String(number && typeof given === "string"));
            set(given);
        },
    });
    return input;
}

function yesNo(value: FactValue, labelledBy: string, set: (value: FactValue) => void): HTMLElement {
    const name = `answer-${(next += 1)}`;
    const choice = (text: string, means: boolean | undefined) => {
        const input = el("input", { type: "radio", name, checked: value === means || (means === undefined && typeof value !== "boolean"), onchange: () => set(means) });
        return el("label", {}, input, el("span", {}, text));
    };
    return el("div", { class: "choice", role: "radiogroup", "aria-labelledby": labelledBy }, choice(t().yes, true), choice(t().no, false), choice(t().unknown, undefined));
}

/** A question with its label and control. */
export function question(fact: Fact, value: FactValue, set: (value: FactValue) => void): HTMLElement {
    const id = `question-${fact.name}`;
    const known = hint(fact);
    const row = el("div", { class: "question", "data-fact": fact.name, "data-known": value !== undefined && value !== null },
        el("div", { id, class: "asked" }, say(fact.label), known ? el("small", {}, ` ${known}`) : null),
    );
    row.append(control(fact, value, id, (given) => {
        row.toggleAttribute("data-known", given !== undefined && given !== null);
        set(given);
    }));
    return row;
}
