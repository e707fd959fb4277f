// Why a firm of the register has its grade.

import { el } from "../dom";
import { labelOf, ways, citation } from "../firm/result";
import { say, sectorName, t } from "../state";
import { badge, span } from "../tiers";
import type { Explanation } from "risktier";

export function why(id: string, explanation: Explanation | undefined, errors: readonly string[]): HTMLDialogElement {
    const dialog = el("dialog", { "aria-labelledby": "why-title" });
    dialog.append(
        el("div", { class: "dialog-head" }, el("h2", { id: "why-title" }, id), el("button", { type: "button", onclick: () => dialog.close() }, t().closeDialog)),
        ...(errors.length > 0 ? [el("section", { class: "errors" }, el("h3", {}, t().dataErrors), el("ul", {}, errors.map((error) => el("li", {}, error))))] : []),
    );
    if (explanation) {
        const { grade } = explanation;
        dialog.append(el("p", {}, badge(grade.tier, true), " ", grade.settled ? el("small", {}, t().settled) : el("span", {}, `${t().possible}: `, span(grade.best, grade.worst))));
        for (const sector of explanation.sectors) {
            const of = grade.sectors.find((one) => one.sector === sector.sector);
            const fired = sector.rules.filter(({ outcome, merit }) => outcome === "fired" && !merit);
            dialog.append(
                el("h3", {}, sectorName(sector.sector), of?.score ? el("small", {}, ` ${t().score} ${of.score.value}`) : null),
                fired.length === 0 ? el("p", {}, t().noEntries) : el("ul", { class: "fired" }, fired.map((rule) =>
                    el("li", {},
                        el("div", {}, rule.tier ? badge(rule.tier) : el("span", { class: "points" }, rule.points ?? ""), " ", el("strong", {}, say(rule.finding))),
                        el("small", {}, rule.read.map(({ fact, value, unit, items }) => `${labelOf(fact)}: ${value !== null ? String(value) : items !== null ? `${items} ${t().items}` : t().unknown}${unit && unit !== "1" ? ` ${unit}` : ""}`).join("; ")),
                        el("small", {}, `${rule.rule} – ${rule.cite.map(citation).join("; ")}`),
                    ),
                )),
            );
        }
        dialog.append(el("h3", {}, t().wayDown), ways(explanation));
    }
    dialog.addEventListener("close", () => dialog.remove());
    return dialog;
}
