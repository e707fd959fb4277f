// Grade a register: a file in, a mapping, then the register in numbers and firm by firm.

import type { RegisterOptions } from "risktier";

import { announce, choose, el, later, save } from "../dom";
import { onChange, state, t } from "../state";
import { ask, cancel, listen, loaded } from "./link";
import { type Look, lookAt, mappingForm } from "./mapping";
import type { FromWorker } from "./messages";
import { overview } from "./overview";
import { type Filter, firmTable } from "./table";
import { why } from "./why";

type Stage = { at: "drop"; message?: string } | { at: "map"; look: Look } | { at: "grading"; look: Look; rows: number; part: number } | { at: "done"; name: string };

export function registerView(): HTMLElement {
    const place = el("div", { class: "stage" });
    const view = el("div", { class: "register" }, el("h1", {}, t().register), place);
    let stage: Stage = { at: "drop" };
    let filter: Filter = { text: "", tier: undefined, sector: undefined, group: undefined };
    let group = "";

    async function take(file: File): Promise<void> {
        try {
            stage = { at: "map", look: await lookAt(file) };
        } catch (error) {
            stage = { at: "drop", message: `${file.name}: ${error instanceof Error ? error.message : String(error)}` };
        }
        draw();
    }

    function drop(message: string | undefined): HTMLElement {
        const zone = el("div", {
            class: "drop",
            ondragover: (event: DragEvent) => {
                event.preventDefault();
                zone.classList.add("over");
            },
            ondragleave: () => zone.classList.remove("over"),
            ondrop: (event: DragEvent) => {
                event.preventDefault();
                const file = event.dataTransfer?.files[0];
                if (file) void take(file);
            },
        },
            el("p", {}, t().drop),
            el("button", { type: "button", class: "primary", onclick: () => choose(".csv,.tsv,.txt,text/csv", (file) => void take(file)) }, t().chooseFile),
            el("small", {}, t().dropHint),
        );
        return el("section", { class: "card" }, message ? el("p", { class: "notice", role: "alert" }, message) : null, zone);
    }

    function send(look: Look, options: RegisterOptions): void {
        stage = { at: "grading", look, rows: 0, part: 0 };
        filter = { text: "", tier: undefined, sector: undefined, group: undefined };
        draw();
        ask({ do: "grade", book: state.book.toCompiled(), asOf: state.asOf, file: look.file, options });
    }

    function grading({ rows, part }: { rows: number; part: number }): HTMLElement {
        return el("section", { class: "card" },
            el("h2", {}, t().grading),
            el("progress", { max: 1, value: part, "aria-label": t().grading }),
            el("p", { class: "count" }, `${rows.toLocaleString()} ${t().rowsDone}`),
            el("div", { class: "buttons" }, el("button", {
                type: "button",
                onclick: () => {
                    cancel();
                    stage = { at: "drop", message: t().cancelled };
                    draw();
                },
            }, t().cancel)),
        );
    }

    function done(name: string): HTMLElement[] {
        const grades = loaded.grades;
        if (!grades) return [drop(undefined)];
        const table = firmTable(grades, filter, (row) => ask({ do: "explain", row }));
        if (!(group in grades.kept)) group = Object.keys(grades.kept).find((one) => /district|county|region|区|县/i.test(one)) ?? Object.keys(grades.kept)[0] ?? "";
        let numbers: HTMLElement;
        const drawNumbers = (): HTMLElement =>
            overview(grades, filter, group, (chosen) => {
                group = chosen;
                filter.group = undefined;
                refresh();
            }, refresh);
        const refresh = () => {
            const next = drawNumbers();
            const focus = document.activeElement?.getAttribute("data-tier") ?? document.activeElement?.getAttribute("data-bar");
            numbers.replaceWith(next);
            numbers = next;
            if (focus) next.querySelector<HTMLElement>(`[data-tier="${CSS.escape(focus)}"], [data-bar="${CSS.escape(focus)}"]`)?.focus();
            table.refresh();
        };
        numbers = drawNumbers();
        const search = el("input", { type: "search", value: filter.text, placeholder: t().filter, "aria-label": t().filter });
        const searched = later(120, () => {
            filter.text = search.value.trim();
            table.refresh();
        });
        search.addEventListener("input", searched);
        return [
            el("div", { class: "bar" }, el("strong", {}, name),
                el("button", { type: "button", onclick: () => ask({ do: "csv", lang: state.lang }) }, t().download),
                el("button", {
                    type: "button",
                    class: "quiet",
                    onclick: () => {
                        stage = { at: "drop" };
                        draw();
                    },
                }, t().another)),
            numbers,
            el("section", { class: "card" }, el("div", { class: "bar" }, search), table.element),
        ];
    }

    function draw(): void {
        view.firstElementChild?.replaceChildren(t().register);
        const now = stage;
        switch (now.at) {
            case "drop":
                return place.replaceChildren(drop(now.message));
            case "map":
                void mappingForm(now.look, (options) => send(now.look, options)).then((form) => {
                    if (stage === now) place.replaceChildren(form);
                });
                return;
            case "grading":
                return place.replaceChildren(grading(now));
            case "done":
                return place.replaceChildren(...done(now.name));
        }
    }

    function hear(message: FromWorker): void {
        switch (message.is) {
            case "progress":
                if (stage.at !== "grading") return;
                stage = { ...stage, rows: message.rows, part: message.part };
                place.querySelector("progress")?.setAttribute("value", String(message.part));
                place.querySelector(".count")?.replaceChildren(`${message.rows.toLocaleString()} ${t().rowsDone}`);
                return;
            case "graded":
                if (stage.at !== "grading") return;
                loaded.grades = message.grades;
                loaded.name = stage.look.file.name;
                stage = { at: "done", name: stage.look.file.name };
                announce(`${message.grades.tiers.length} ${t().rowsDone}`);
                return draw();
            case "explained": {
                const dialog = why(loaded.grades?.ids[message.row] ?? "", message.explanation, message.errors);
                document.body.append(dialog);
                return dialog.showModal();
            }
            case "csv":
                return save(`${loaded.name.replace(/\.\w+$/, "")}-grades.csv`, message.text, "text/csv");
            case "failed":
                stage = { at: "drop", message: message.message };
                return draw();
            case "compared":
                return;
        }
    }
    listen(hear);
    let book = state.book.hash + state.asOf;
    onChange(() => {
        // Another book or day: what was graded is no longer true.
        if (book !== state.book.hash + state.asOf && stage.at === "done") {
            loaded.grades = undefined;
            stage = { at: "drop" };
        }
        book = state.book.hash + state.asOf;
        draw();
    });
    draw();
    return view;
}
