import { styleText } from 'node:util';
import wrapAnsi from 'wrap-ansi';

/**
 * What a command writes: results for people on stdout, progress and logs on stderr. With `--json` stdout carries that JSON alone, and the results for people go
 * to stderr.
 */
let results: NodeJS.WriteStream = process.stdout;
let shownStatus = '';

/** Settles where results go, before a command acts. */
export function configureOutput({ json }: { readonly json?: boolean }): void {
  results = json ? process.stderr : process.stdout;
}

/** Narrowest and widest line that text is broken for, in columns. */
const COLUMNS = { least: 40, most: 200 } as const;

/** Columns of the terminal that results go to; null where they go elsewhere, and lines are left whole. */
export function columns(): number | null {
  if (!results.isTTY) return null;
  return Math.min(COLUMNS.most, Math.max(COLUMNS.least, results.columns ?? 80));
}

export type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold';

/** The text in that colour where results go to a terminal that has it; NO_COLOR and FORCE_COLOR are honoured. */
export function painted(colour: Colour, text: string): string {
  return styleText(colour, text, { stream: results });
}

/** A line of the result, broken at words for a terminal, later lines further in. */
export function say(text = ''): void {
  const width = columns();
  write(width === null ? text : broken(text, width));
}

/** A line that is to be copied, and so stays whole. */
export function sayWhole(text: string): void {
  write(text);
}

/** Text broken at words for so many columns; what follows the first line stands two further in than it. */
export function broken(text: string, width: number): string {
  const indent = ' '.repeat((/^ */.exec(text)![0]?.length ?? 0) + 2);
  const [first = '', ...rest] = wrapAnsi(text, width - indent.length, { hard: false, trim: false }).split('\n');
  return [first, ...rest.map((line) => `${indent}${line.trimStart()}`)].map((line) => line.trimEnd()).join('\n');
}

function write(text: string): void {
  const kept = shownStatus;
  clearStatus();
  results.write(`${text}\n`);
  if (kept !== '') status(kept);
}

/** Shows one line of progress in place of the last; nothing where stderr is not a terminal. */
export function status(text: string): void {
  if (!process.stderr.isTTY) return;
  shownStatus = text;
  process.stderr.write(`\r\u001b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
}

export function clearStatus(): void {
  if (shownStatus !== '') process.stderr.write('\r\u001b[K');
  shownStatus = '';
}

/** A line for whoever watches: not a result. */
export function log(text: string): void {
  clearStatus();
  process.stderr.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  clearStatus();
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
