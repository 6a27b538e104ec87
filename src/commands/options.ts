import { InvalidArgumentError, Option } from 'commander';
import { type BackendChoice, backendChoices } from '../backend/engine.js';
import type { Shard } from '../record/case-record.js';
import { ANSWER_SECONDS } from '../subject/command.js';

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
function shardOf(text: string): Shard {
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
  new Option('--limit <seconds>', 'time that the program has for one answer').argParser(seconds).default(ANSWER_SECONDS);

export const saveOption = () =>
  new Option('--save', 'keep counterexamples in fixtures/counterexamples: from then on they are measured first');

export const jsonOption = () => new Option('--json', 'print the result as JSON on stdout, and what is for people on stderr');

/** Files of claims of one's own; they are registered before the command acts. */
export const claimsOption = () =>
  new Option('--claims <file>', 'a module that exports claims of your own, besides those of the registry; repeatable').argParser(
    (file: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), file],
  );

export const expectOption = () => new Option('--expect <file>', 'expected failures: a JSON list of { id, reason, expires }');

export const workersOption = (byDefault: string) =>
  new Option('--workers <number>', `worker processes (default: ${byDefault})`).argParser(integer(1, MAX_WORKERS));

export const timeOption = () =>
  new Option('--time <seconds>', 'stop after that long; what is not decided by then is undecided').argParser(seconds);

export const shardOption = () =>
  new Option('--shard <i/n>', 'measure only the cases with index ≡ i mod n, for `report --merge`').argParser(shardOf);

export const seedOption = () =>
  new Option('--seed <number>', 'root seed of all instances').argParser(integer(0, MAX_SEED)).default(42);

export const resumeOption = () => new Option('--resume', 'continue the interrupted run in the output folder');

export const verboseOption = () => new Option('--verbose', 'print counterexamples of expected refutations, too');

export const quietOption = () => new Option('--quiet', 'print only what is not as expected, and the last line');
