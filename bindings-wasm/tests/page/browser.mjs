// Chromium of the system, and a page in it that reports what a strict page must not have.

import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
export const SHOTS = fileURLToPath(new URL("../../www/dist-shots/", import.meta.url));

export async function browser() {
    const executablePath = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
    if (!executablePath) throw new Error("no Chromium; expected one at /usr/bin/chromium, or its path in CHROMIUM");
    mkdirSync(SHOTS, { recursive: true });
    return chromium.launch({ executablePath, headless: true, args: FLAGS });
}

/** A new page at an address. `wrong` collects errors, violations of the policy, and requests that leave the server. */
export async function open(of, address, options = {}) {
    const context = await of.newContext({ viewport: { width: 1360, height: 900 }, locale: "en-GB", acceptDownloads: true, ...options });
    const page = await context.newPage();
    const wrong = [];
    const { origin } = new URL(address);
    page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
    page.on("pageerror", (error) => wrong.push(String(error)));
    page.on("request", (request) => !request.url().startsWith(`${origin}/`) && !/^(blob|data):/.test(request.url()) && wrong.push(`left the machine: ${request.url()}`));
    await page.addInitScript(() => {
        addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ""}`));
    });
    await page.goto(address);
    return { context, page, wrong };
}
