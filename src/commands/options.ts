import { InvalidArgumentError, Option } from 'commander';
import { type BackendChoice, backendChoices } from '../backend/backend.js';
import type { Shard } from '../run/schedule.js';

/** Parser of a whole number in a range, for commander. */
export function integer(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`expected a whole number from ${low} to ${high}.`);
  };
}

/** Parser of a positive number. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('expected a positive number.');
}

/** Longest that a timer of Node can wait, in seconds. */
const MAX_SECONDS = Math.floor((2 ** 31 - 1) / 1000);

/** Parser of a time in seconds. */
export function seconds(text: string): number {
  const value = positive(text);
  if (value <= MAX_SECONDS) return value;
  throw new InvalidArgumentError(`expected at most ${MAX_SECONDS} seconds.`);
}

export const MAX_SEED = 2 ** 31 - 1;
export const MAX_WORKERS = 64;
const MAX_SHARDS = 1000;

/** Parser of a shard, as in 2/4. */
export function shardOf(text: string): Shard {
  const [index, of] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).slice(1).map(Number);
  if (index !== undefined && of !== undefined && index >= 1 && index <= of && of <= MAX_SHARDS) return { index, of };
  throw new InvalidArgumentError(`expected i/n with 1 ≤ i ≤ n ≤ ${MAX_SHARDS}, as in 2/4.`);
}

export const profileOption = () =>
  new Option('--profile <name>', 'how much to spend').choices(['quick', 'standard', 'deep']).default('quick');

export const backendOption = () =>
  new Option('--backend <name>', 'where the subject computes')
    .choices([...backendChoices])
    .default('auto' satisfies BackendChoice);

/** Seconds that a program under audit has for each answer. */
export const limitOption = () =>
  new Option('--limit <seconds>', 'time that the program has for one answer').argParser(seconds).default(120);

export const saveOption = () =>
  new Option('--save', 'keep counterexamples in fixtures/counterexamples: from then on they are measured first');

export function tellSaved(files: readonly string[]): void {
  say(files.length === 0 ? 'no counterexample to keep' : `kept: ${files.join(', ')}`);
}

export const jsonOption = () => new Option('--json', 'print the result as JSON on stdout');

/** Human text goes to stderr, so that stdout carries nothing but JSON. */
export function say(text = ''): void {
  process.stderr.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
