import { fileURLToPath } from "node:url";

import { defineConfig, type Plugin } from "vite";

/** The service worker keeps every file of the page: after the first load it works without a network. */
function offline(): Plugin {
    return {
        name: "offline",
        apply: "build",
        generateBundle(_, bundle) {
            const files = ["./", "./icon.svg", ...Object.keys(bundle).filter((name) => name !== "index.html").map((name) => `./${name}`)];
            const version = Object.keys(bundle).sort().join();
            let hash = 0;
            for (const char of version) hash = (hash * 31 + char.charCodeAt(0)) | 0;
            const source = `const NAME = "risktier-${hash >>> 0}";
const FILES = ${JSON.stringify(files)};
addEventListener("install", (event) => event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES)).then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name)))).then(() => clients.claim())));
addEventListener("fetch", (event) => {
    if (event.request.method === "GET") event.respondWith(caches.match(event.request, { ignoreSearch: true }).then((kept) => kept ?? fetch(event.request)));
});
`;
            this.emitFile({ type: "asset", fileName: "offline.js", source });
        },
    };
}

export default defineConfig({
    root: fileURLToPath(new URL(".", import.meta.url)),
    base: "./",
    resolve: { alias: { risktier: fileURLToPath(new URL("../pkg/index.js", import.meta.url)) } },
    build: { outDir: "dist", emptyOutDir: true, target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 800 },
    worker: { format: "es" },
    server: { fs: { allow: [".."] } },
    plugins: [offline()],
});
