// Write rules: an editor with the errors where they stand, and what the edit does to firms.

import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic as Mark } from "@codemirror/lint";
import { search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { type Diagnostic, RuleBook } from "risktier";

import { choose, el, later, save } from "../dom";
import { compare, loaded } from "../register/link";
import { change, onChange, say, sectorName, state, t } from "../state";
import { ask } from "./ask";
import { exampleFirms, migration, moves, movesTable, size } from "./impact";
import { language } from "./language";
import { testResult } from "./tests";
import editorCss from "./editor.css?inline";

export function rulesView(): HTMLElement {
    const bar = el("div", { class: "bar" });
    const host = el("div", { class: "editor" });
    const status = el("div", { class: "status", role: "status" });
    const problems = el("ul", { class: "problems" });
    const impact = el("section", { class: "card impact" });
    const view = el("div", { class: "rules" }, el("section", { class: "card left" }, bar, host, status, problems), impact);
    const original = new Map<string, string>();
    const edited = new Map<string, string>();
    const start = state.book.toCompiled();
    let script = "sectors/fuel-stations.rhai";
    let editor: EditorView | undefined;
    const comparison = el("div", { role: "status" });
    let comparing = false;
    let testing: Promise<void> = Promise.resolve();
    /** Stands beside what the check says, until the next edit. */
    let note = "";
    let round = 0;
    let good: Uint8Array | undefined;

    const textOf = (name: string) => edited.get(name) ?? original.get(name) ?? "";
    const sources = (all: boolean) =>
        Object.fromEntries([...original.keys()].filter((name) => name.endsWith(".rhai") && (all || name.startsWith("shared/") || name === script)).map((name) => [name, textOf(name)]));

    function drawBar(): void {
        const scripts = [...original.keys()].filter((name) => name.endsWith(".rhai"));
        const select = el("select", {
            "aria-label": t().script,
            onchange: () => {
                script = select.value;
                open();
            },
        }, scripts.map((name) => el("option", { value: name, selected: name === script }, `${edited.has(name) ? "● " : ""}${name}${name.startsWith("sectors/") ? ` – ${sectorName(name.slice(8, -5))}` : ""}`)));
        bar.replaceChildren(
            el("h1", {}, t().rules),
            select,
            el("button", { type: "button", onclick: () => save(script.split("/").pop() ?? "rules.rhai", textOf(script), "text/plain") }, t().saveScript),
            el("button", { type: "button", onclick: () => choose(".rhai,.txt", (file) => void file.text().then((text) => editor?.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } }))) }, t().openFile),
            el("button", {
                type: "button",
                class: "quiet",
                disabled: edited.size === 0,
                onclick: () => {
                    edited.clear();
                    open();
                },
            }, t().revert),
        );
    }

    function open(): void {
        note = "";
        const text = textOf(script);
        editor?.destroy();
        // In a shadow root the editor's styles need no exception in the content security policy.
        const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(editorCss);
        root.adoptedStyleSheets = [sheet];
        root.replaceChildren();
        editor = new EditorView({
            root,
            parent: root,
            state: EditorState.create({
                doc: text,
                extensions: [
                    lineNumbers(),
                    history(),
                    drawSelection(),
                    bracketMatching(),
                    closeBrackets(),
                    highlightActiveLine(),
                    lintGutter(),
                    search({ top: true }),
                    EditorView.lineWrapping,
                    EditorView.contentAttributes.of({ "aria-label": `${t().script}: ${script}` }),
                    language(script),
                    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
                    EditorView.updateListener.of((update) => {
                        if (!update.docChanged) return;
                        comparison.replaceChildren();
                        note = "";
                        const now = update.state.doc.toString();
                        if (now === original.get(script)) edited.delete(script);
                        else edited.set(script, now);
                        checkLater();
                    }),
                ],
            }),
        });
        void ask({ what: "open", sources: sources(!script.startsWith("sectors/")) });
        // It scrolls, so it must be in reach of the keyboard.
        editor.scrollDOM.tabIndex = 0;
        drawBar();
        void check();
    }

    function mark(one: Diagnostic): Mark | undefined {
        if (!editor || one.script !== script || one.line < 1 || one.line > editor.state.doc.lines) return undefined;
        const line = editor.state.doc.line(one.line);
        // Columns count characters, the editor counts UTF-16 units.
        const chars = [...line.text];
        const from = line.from + chars.slice(0, Math.max(one.column - 1, 0)).join("").length;
        const to = Math.min(from + Math.max(chars.slice(Math.max(one.column - 1, 0), Math.max(one.column - 1, 0) + one.width).join("").length, 1), line.to);
        const text = [say(one.message), one.expected ? `${t().expected}: ${say(one.expected)}` : "", say(one.help)].filter(Boolean).join(". ");
        return { from: Math.min(from, line.to), to: Math.max(to, Math.min(from, line.to)), severity: one.severity === "error" ? "error" : "warning", message: `${one.code} ${text}` };
    }

    async function check(): Promise<void> {
        const mine = (round += 1);
        status.textContent = t().checking;
        // A sector is a book with the shared scripts alone; what is shared is checked with everything.
        const alone = script.startsWith("sectors/");
        const { bytes, diagnostics, failed } = await ask({ what: "compile", sources: sources(!alone), ...(alone ? { asOf: state.asOf } : {}) });
        if (mine !== round || !editor) return;
        // Of a sector alone, what is shared is not used by all; its own rules are all there.
        const shown = diagnostics.filter(({ code, script: of }) => bytes === undefined || !alone || (/^W1/.test(code) && of === script));
        editor.dispatch(setDiagnostics(editor.state, shown.map(mark).filter((one) => one !== undefined)));
        status.textContent = `${failed ?? (shown.length === 0 ? t().sound : `${shown.length} ${t().problems}`)} ${note}`.trim();
        problems.replaceChildren(...shown.slice(0, 20).map((one) =>
            el("li", { class: one.severity }, el("button", { type: "button", class: "link", onclick: () => goTo(one) }, `${one.script}:${one.line}:${one.column}`), ` ${one.code} ${say(one.message)}`, one.witness ? el("small", {}, ` ${t().forExample}: `, el("code", {}, JSON.stringify(one.witness.other?.[0] ?? one.witness.firm))) : null, one.expected ? el("small", {}, ` ${t().expected}: ${say(one.expected)}`) : null),
        ));
        drawBar();
        good = bytes;
        await drawImpact(mine);
    }
    const checkLater = later(350, () => void check());

    function goTo({ script: name, line, column }: Diagnostic): void {
        if (name !== script && original.has(name)) {
            script = name;
            open();
        }
        if (!editor) return;
        const place = editor.state.doc.line(Math.min(Math.max(line, 1), editor.state.doc.lines));
        editor.dispatch({ selection: { anchor: Math.min(place.from + Math.max(column - 1, 0), place.to) }, scrollIntoView: true });
        editor.focus();
    }

    async function drawImpact(mine: number): Promise<void> {
        const parts: (Node | string)[] = [el("h2", {}, t().impact)];
        const compiled = good;
        if (compiled && script.startsWith("sectors/")) {
            const firms = exampleFirms(original.get(script.replace(".rhai", ".examples.json")));
            const changes = edited.size === 0 ? [] : await moves(firms, start, compiled);
            if (mine !== round) return;
            parts.push(el("h3", {}, t().examples), movesTable(changes, firms.length));
            const tests = el("div", { role: "status" }, t().checking);
            parts.push(el("h3", {}, t().tests), tests);
            void runTests(mine, tests);
        }
        const grades = loaded.grades;
        parts.push(el("h3", {}, t().ofRegister, loaded.name && grades ? el("small", {}, ` ${loaded.name}`) : null));
        if (!grades) parts.push(el("p", {}, t().noRegister));
        else {
            parts.push(comparison);
            if (compiled && edited.size > 0) void compareRegister();
        }
        parts.push(el("div", { class: "buttons" }, el("button", { type: "button", disabled: !compiled || edited.size === 0, onclick: () => void use() }, t().useBook)), el("p", { class: "count" }, size(state.book)), el("p", { class: "help" }, t().rulesHint));
        impact.replaceChildren(...parts);
    }

    /** Runs the examples beside the script by the book as it is edited, one edit after the other; of those that waited, the last. */
    async function runTests(mine: number, place: HTMLElement): Promise<void> {
        const before = testing;
        let done = () => {};
        testing = new Promise((resolve) => (done = resolve));
        await before;
        const [of, name] = [script, script.replace(".rhai", ".examples.json")];
        try {
            if (mine !== round) return;
            const tested = await ask({ what: "test", sources: sources(false), examples: { [name]: textOf(name) } });
            if (mine === round) place.replaceChildren(testResult(tested, of));
        } catch (error) {
            if (mine === round) place.replaceChildren(error instanceof Error ? error.message : String(error));
        } finally {
            done();
        }
    }

    /** Grades the register by the edited book, in its worker; once more if it was edited meanwhile. */
    async function compareRegister(): Promise<void> {
        if (comparing) return;
        comparing = true;
        for (let done = -1; done !== round && loaded.grades; ) {
            done = round;
            comparison.replaceChildren(t().checking);
            try {
                const { bytes, failed, diagnostics } = await ask({ what: "compile", sources: sources(true) });
                if (!bytes) throw new Error(failed ?? diagnostics.map(({ script, line, code }) => `${script}:${line} ${code}`).join(", "));
                const tiers = await compare(bytes, state.asOf);
                if (loaded.grades) comparison.replaceChildren(migration(loaded.grades.tiers, tiers));
            } catch (error) {
                comparison.replaceChildren(error instanceof Error ? error.message : String(error));
            }
        }
        comparing = false;
    }

    async function use(): Promise<void> {
        const { bytes } = await ask({ what: "compile", sources: sources(true) });
        if (!bytes) return;
        note = t().inUse;
        change({ book: await RuleBook.fromCompiled(bytes) });
    }

    status.textContent = t().loading;
    void RuleBook.standardSources().then((all) => {
        for (const [name, text] of Object.entries(all)) original.set(name, text);
        open();
    });
    onChange(() => {
        if (editor) {
            drawBar();
            void check();
        }
    });
    return view;
}
