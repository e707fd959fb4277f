// A register in numbers: by tier, sector and group; what is found most often.

import type { Tier } from "risktier";

import { el } from "../dom";
import { say, state, t } from "../state";
import { badge, TIERS } from "../tiers";
import type { Graded } from "./messages";
import type { Filter } from "./table";

const CODE: { readonly [tier in Tier]: number } = { blue: 0, yellow: 1, orange: 2, red: 3 };

interface Bar {
    readonly name: string;
    readonly counts: Uint32Array;
    readonly pick: () => void;
    readonly picked: boolean;
}

/** Draws it; a click on a number filters the table. */
export function overview(grades: Graded, filter: Filter, group: string, chooseGroup: (name: string) => void, changed: () => void): HTMLElement {
    const totals = new Uint32Array(5);
    const sectors = new Map<number, Uint32Array>();
    const groups = new Map<number, Uint32Array>();
    const kept = grades.kept[group];
    const count = (of: Map<number, Uint32Array>, key: number, tier: number) => {
        let counts = of.get(key);
        if (!counts) of.set(key, (counts = new Uint32Array(5)));
        counts[tier] = (counts[tier] ?? 0) + 1;
    };
    for (let row = 0; row < grades.tiers.length; row += 1) {
        const tier = Math.min(grades.tiers[row] ?? 4, 4);
        totals[tier] = (totals[tier] ?? 0) + 1;
        count(sectors, grades.sectors[row] ?? 65535, tier);
        if (kept) count(groups, kept.codes[row] ?? 0, tier);
    }
    const tile = (tier: Tier) => {
        const number = totals[CODE[tier]] ?? 0;
        return el("button", {
            type: "button",
            class: `tile ${tier}`,
            "aria-pressed": String(filter.tier === CODE[tier]),
            "data-tier": tier,
            onclick: () => {
                filter.tier = filter.tier === CODE[tier] ? undefined : CODE[tier];
                changed();
            },
        }, badge(tier), el("strong", {}, number.toLocaleString()), el("small", {}, `${((100 * number) / Math.max(grades.tiers.length, 1)).toFixed(1)} %`));
    };
    const sectorBars: Bar[] = [...sectors].filter(([at]) => at !== 65535).map(([at, counts]) => ({
        name: say(state.book.sectors[at]?.name),
        counts,
        picked: filter.sector === at,
        pick: () => {
            filter.sector = filter.sector === at ? undefined : at;
        },
    }));
    const groupBars: Bar[] = [...groups].map(([code, counts]) => {
        const word = kept?.words[code] ?? "";
        const picked = filter.group?.name === group && filter.group.word === word;
        return {
            name: word || "–",
            counts,
            picked,
            pick: () => {
                filter.group = picked ? undefined : { name: group, word };
            },
        };
    });
    const names = Object.keys(grades.kept);
    const select = el("select", { "aria-label": t().district, onchange: () => chooseGroup(select.value) }, names.map((name) => el("option", { value: name, selected: name === group }, name)));
    return el("div", { class: "overview" },
        el("div", { class: "tiles" }, TIERS.map(tile), (totals[4] ?? 0) > 0 ? el("div", { class: "tile" }, t().ungraded, el("strong", {}, (totals[4] ?? 0).toLocaleString())) : null),
        el("p", { class: "count" }, `${grades.tiers.length.toLocaleString()} ${t().firms}, ${grades.withErrors.toLocaleString()} ${t().withErrors}, ${grades.seconds.toFixed(1)} ${t().seconds}`),
        el("div", { class: "charts" },
            chart(t().bySector, sectorBars, changed),
            names.length > 0 ? el("section", { class: "card" }, el("h2", {}, `${t().byGroup} `, select), bars(groupBars, changed)) : null,
            findings(grades),
        ),
    );
}

function chart(title: string, all: Bar[], changed: () => void): HTMLElement {
    return el("section", { class: "card" }, el("h2", {}, title), bars(all, changed));
}

function bars(all: Bar[], changed: () => void): HTMLElement {
    const total = (bar: Bar) => bar.counts.reduce((sum, one) => sum + one, 0);
    const most = Math.max(...all.map(total), 1);
    const sorted = [...all].sort((a, b) => total(b) - total(a)).slice(0, 40);
    return el("ul", { class: "bars" }, sorted.map((bar) => {
        const parts = TIERS.map((tier) => {
            const part = el("span", { class: tier });
            part.style.width = `${(100 * (bar.counts[CODE[tier]] ?? 0)) / most}%`;
            return part;
        });
        const told = TIERS.map((tier) => `${t().tiers[tier]} ${bar.counts[CODE[tier]] ?? 0}`).join(", ");
        return el("li", {}, el("button", {
            type: "button",
            "aria-pressed": String(bar.picked),
            "data-bar": bar.name,
            title: told,
            onclick: () => {
                bar.pick();
                changed();
            },
        }, el("span", { class: "name" }, bar.name), el("span", { class: "bar" }, parts), el("span", { class: "number" }, total(bar).toLocaleString()), el("span", { class: "sr-only" }, told)));
    }));
}

function findings(grades: Graded): HTMLElement {
    const rules = new Map(state.book.rules.map((rule) => [rule.id, rule]));
    const top = [...grades.rules].filter(({ fired }) => fired > 0).sort((a, b) => b.fired - a.fired).slice(0, 12);
    return el("section", { class: "card" }, el("h2", {}, t().topFindings), el("ol", { class: "findings" }, top.map(({ rule, fired }) => {
        const of = rules.get(rule);
        return el("li", {}, of?.tier ? badge(of.tier) : null, el("span", {}, ` ${say(of?.finding)} `), el("small", {}, `${rule} · ${fired.toLocaleString()} ${t().firms}`));
    })));
}
