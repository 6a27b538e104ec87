import { significant } from '../support/words.js';
import { html, type Markup, markup } from './html.js';
import { style } from './style.js';

/** A whole page, with nothing from elsewhere. */
export function htmlDocument(title: string, header: Markup, main: Markup, versions: Readonly<Record<string, string>>): string {
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `<!doctype html>\n${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${markup(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
<header>${header}</header>
<main id="main">${main}</main>
<footer><p class="quiet">Made with ${used.join(', ')}.</p></footer>
</body>
</html>
`.text
  }`;
}

/** A table that scrolls by itself on a narrow screen; columns of numbers are right-aligned. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly (string | number | Markup | null)[])[],
): Markup {
  const numeric = (column: number) => rows.every((row) => row[column] === null || typeof row[column] === 'number');
  const classOf = (column: number) => (numeric(column) ? markup(' class="number"') : null);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr>${head.map((name, k) => html`<th scope="col"${classOf(k)}>${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr>${row.map((cell, k) =>
        k === 0 ? html`<th scope="row"${classOf(k)}>${shown(cell)}</th>` : html`<td${classOf(k)}>${shown(cell)}</td>`,
      )}</tr>\n`,
  )}</tbody></table></div>`;
}

const shown = (cell: string | number | Markup | null) => (typeof cell === 'number' ? significant(cell) : (cell ?? '–'));
