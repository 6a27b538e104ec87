// The code blocks of a document. The info string names what a block is: its language, and for a file its name, as in ```js claims.mjs
import { readFileSync } from 'node:fs';

export function blocksOf(file) {
  return [...readFileSync(file, 'utf8').matchAll(/^```(\w+)[ ]?(.*)\n([\s\S]*?)^```$/gm)].map(([, language, name, code]) => ({
    file,
    language,
    name,
    code,
  }));
}
