// The four tiers, told apart by word and shape as well as by colour.

import type { Tier } from "risktier";

import { el } from "./dom";
import { t } from "./state";

export const TIERS: readonly Tier[] = ["red", "orange", "yellow", "blue"];
const SHAPES: { readonly [tier in Tier]: string } = { red: "◆", orange: "▲", yellow: "■", blue: "●" };

export function badge(tier: Tier, large = false): HTMLElement {
    return el("span", { class: `tier ${tier}${large ? " large" : ""}` }, el("span", { "aria-hidden": "true" }, SHAPES[tier]), ` ${t().tiers[tier]}`);
}

/** The shape alone, where there is little room; the word for who does not see it. */
export function mark(tier: Tier): HTMLElement {
    return el("span", { class: `tier ${tier}`, title: t().tiers[tier] }, el("span", { "aria-hidden": "true" }, SHAPES[tier]), el("span", { class: "sr-only" }, t().tiers[tier]));
}

/** From the best to the worst that cannot be ruled out. */
export function span(best: Tier, worst: Tier): HTMLElement {
    return best === worst ? badge(best) : el("span", { class: "span" }, badge(best), " – ", badge(worst));
}
