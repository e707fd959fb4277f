// A list, such as an inventory, as a table that can be edited.

import type { FactValue, List, ListItem } from "risktier";

import { el } from "../dom";
import { say, t } from "../state";
import { firm } from "./answers";
import { control, hint } from "./question";

/** The table of a list. A list may be unknown, or known and empty: both are answers. */
export function listTable(list: List, changed: () => void): HTMLElement {
    const place = el("section", { class: "list", "data-fact": list.name });
    const items = () => firm.answers.get(list.name) as ListItem[] | undefined;
    const put = (given: ListItem[] | undefined) => {
        if (given) firm.answers.set(list.name, given);
        else firm.answers.delete(list.name);
        draw();
        changed();
    };
    const titles = list.fields.map((field, at) => {
        const known = hint(field);
        return el("th", { scope: "col", id: `${list.name}-${at}` }, say(field.label), known ? el("small", {}, ` ${known}`) : null);
    });

    function row(item: ListItem, at: number): HTMLElement {
        const set = (name: string, value: FactValue) => {
            const { [name]: _, ...rest } = (items() ?? [])[at] ?? {};
            firm.answers.set(list.name, (items() ?? []).map((one, index) => (index === at ? { ...rest, ...(value === undefined ? {} : { [name]: value }) } : one)));
            changed();
        };
        const cells = list.fields.map((field, column) => el("td", {}, control(field, item[field.name], `${list.name}-${column}`, (value) => set(field.name, value))));
        const remove = el("button", { type: "button", class: "quiet", "aria-label": `${t().remove} ${at + 1}`, onclick: () => put((items() ?? []).filter((_, index) => index !== at)) }, "✕");
        return el("tr", {}, el("th", { scope: "row" }, at + 1), cells, el("td", {}, remove));
    }

    function draw(): void {
        const known = items();
        const name = `known-${list.name}`;
        const choice = (text: string, is: boolean) =>
            el("label", {}, el("input", { type: "radio", name, checked: Boolean(known) === is, onchange: () => put(is ? (known ?? []) : undefined) }), el("span", {}, text));
        place.toggleAttribute("data-known", Boolean(known));
        place.replaceChildren(
            el("h3", { id: `list-${list.name}` }, say(list.label)),
            el("div", { class: "choice", role: "radiogroup", "aria-labelledby": `list-${list.name}` }, choice(t().listKnown, true), choice(t().listUnknown, false)),
        );
        if (!known) return;
        place.append(
            el("div", { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": `list-${list.name}` },
                el("table", {}, el("thead", {}, el("tr", {}, el("td", {}), titles, el("td", {}))), el("tbody", {}, known.map(row)))),
            el("button", { type: "button", onclick: () => put([...known, {}]) }, `+ ${t().addItem}`),
            el("small", {}, ` ${known.length} ${t().items}`),
        );
    }
    draw();
    return place;
}
