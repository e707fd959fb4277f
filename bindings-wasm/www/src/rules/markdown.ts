// The little Markdown that the package writes: paragraphs, `code`, **names** and <addresses>.

import { el } from "../dom";

function inline(text: string): (Node | string)[] {
    return text.split(/(`[^`]+`|\*\*[^*]+\*\*|<https?:[^>]+>)/).map((part) => {
        if (part.startsWith("`")) return el("code", {}, part.slice(1, -1));
        if (part.startsWith("**")) return el("strong", {}, part.slice(2, -2));
        if (part.startsWith("<http")) return el("a", { href: part.slice(1, -1), target: "_blank", rel: "noreferrer" }, part.slice(1, -1));
        return part;
    });
}

export function markdown(text: string): HTMLElement {
    return el("div", {}, text.split(/\n\n+/).map((paragraph) => el("p", {}, inline(paragraph))));
}
