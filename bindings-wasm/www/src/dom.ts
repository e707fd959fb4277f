// Elements, made in one call.

type Child = Node | string | number | null | undefined | false;
type Listeners = { [K in keyof HTMLElementEventMap as `on${K}`]?: (event: HTMLElementEventMap[K]) => void };
type Attributes = { readonly [name: string]: unknown } & Listeners;

/** An element. Attributes that are false or undefined are left out; `on...` are listeners. */
export function el<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    attributes: Attributes = {},
    ...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[K] {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value === undefined || value === null || value === false) continue;
        if (name.startsWith("on") && typeof value === "function") {
            element.addEventListener(name.slice(2), value as EventListener);
        } else {
            element.setAttribute(name, value === true ? "" : String(value));
        }
    }
    element.append(...children.flat().flatMap((child) => (child === null || child === undefined || child === false ? [] : [typeof child === "number" ? String(child) : child])));
    return element;
}

/** Says something to who listens to the page. */
export function announce(text: string): void {
    const place = document.getElementById("announcer");
    if (place && place.textContent !== text) place.textContent = text;
}

/** Calls after a pause: not at every key. */
export function later(wait: number, what: () => void): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    return () => {
        clearTimeout(timer);
        timer = setTimeout(what, wait);
    };
}

/** Saves a file. Nothing is sent: the browser makes it. */
export function save(name: string, content: BlobPart, type: string): void {
    const url = URL.createObjectURL(new Blob([content], { type }));
    el("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Asks for a file. */
export function choose(accept: string, then: (file: File) => void): void {
    const input = el("input", { type: "file", accept });
    input.addEventListener("change", () => {
        const file = input.files?.[0];
        if (file) then(file);
    });
    input.click();
}
