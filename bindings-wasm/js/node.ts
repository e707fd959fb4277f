// The entry for Node: files are read, not fetched.

import { readFile } from "node:fs/promises";

import { readWith } from "./load.js";

readWith(async (url) => new Uint8Array(await readFile(url)));

export * from "./index.js";
