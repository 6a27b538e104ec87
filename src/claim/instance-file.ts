import { readFileSync } from 'node:fs';
import { activation } from '../math/activation.js';
import { messageOf, UsageError } from '../support/errors.js';
import { type Claim, type Instance, instanceAt } from './claim.js';

/** Instances drawn to learn which shapes, and which choices, those of a claim have. */
const EXAMPLES = 60;

type Fields = Readonly<Record<string, unknown>>;

/** The instance of a JSON file, or of the counterexample there. @throws UsageError for a file that holds none of that claim. */
export function readInstance(claim: Claim, file: string): Instance {
  const found = fieldsOf(file);
  const examples = Array.from({ length: EXAMPLES }, (_, k) => ({ ...instanceAt(claim.variants[0], 0, String(k)) }) as Fields);
  const alike = examples.filter((example) => shapeOf(example) === shapeOf(found));
  if (alike.length === 0) {
    throw new UsageError({
      problem: `the file '${file}' holds no instance of ${claim.id}`,
      expected: shapeOf(examples[0]!),
      found: shapeOf(found),
    });
  }
  const problem = (reason: string) => `the instance in '${file}' cannot be used: ${reason}`;
  for (const [key, value] of Object.entries(found)) {
    if (typeof value !== 'number') continue;
    const size = key !== 'seed' && alike.every((example) => Number.isInteger(example[key]) && (example[key] as number) >= 1);
    if (value >= 0 && Number.isFinite(value) && (!size || (Number.isInteger(value) && value >= 1))) continue;
    throw new UsageError({
      problem: problem(`${key} is out of range`),
      expected: size ? 'a whole number from 1' : 'a number from 0',
      found: String(value),
    });
  }
  const instance = found as unknown as Instance;
  try {
    const known = alike.some((example) => example.activation === found.activation);
    if (typeof found.activation === 'string' && !known) activation(found.activation);
    claim.variants[0].scopeViolation(instance);
  } catch (cause) {
    throw new UsageError({ problem: problem(messageOf(cause)) });
  }
  return instance;
}

function fieldsOf(file: string): Fields {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new UsageError({ problem: `the instance file '${file}' cannot be read: ${messageOf(cause)}`, expected: 'a JSON file' });
  }
  const found = (parsed as { instance?: unknown } | null)?.instance ?? parsed;
  if (typeof found === 'object' && found !== null) return found as Fields;
  throw new UsageError({
    problem: `the file '${file}' holds no instance`,
    expected: 'a JSON object',
    found: JSON.stringify(found),
  });
}

/** Names and types, in one order. */
function shapeOf(fields: Fields): string {
  return Object.keys(fields)
    .sort()
    .map((key) => `${key}: ${typeof fields[key]}`)
    .join(', ');
}
