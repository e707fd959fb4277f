// A static server, as any: the page needs nothing of it but files.

import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".json": "application/json", ".svg": "image/svg+xml", ".jsonl": "text/plain" };

/** Serves folders by prefix of the path; gives the address and how to stop it. */
export async function serve(folders) {
    const asked = [];
    const server = createServer((request, response) => {
        const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
        asked.push(path);
        const prefix = Object.keys(folders).sort((a, b) => b.length - a.length).find((one) => path.startsWith(one));
        const file = prefix === undefined ? undefined : join(folders[prefix], path.slice(prefix.length) || "index.html");
        if (!file || !existsSync(file) || !statSync(file).isFile()) {
            response.writeHead(404).end();
            return;
        }
        response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "cache-control": "no-store" });
        createReadStream(file).pipe(response);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { address: `http://localhost:${server.address().port}/`, asked, stop: () => new Promise((resolve) => server.close(resolve)) };
}
