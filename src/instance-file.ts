import { readFileSync } from 'node:fs';
import { activation } from './activation.js';
import { type Claim, type Instance, instanceAt } from './claim.js';
import { messageOf, UsageError } from './errors.js';

/** The instance of a JSON file, or of the counterexample there. @throws UsageError for a file that holds none of that claim. */
export function readInstance(claim: Claim, file: string): Instance {
  let found: Record<string, unknown>;
  try {
    const parsed = JSON.parse(readFileSync(file, 'utf8'));
    found = parsed?.instance ?? parsed;
  } catch (cause) {
    throw new UsageError({ problem: `the instance file '${file}' cannot be read: ${messageOf(cause)}`, expected: 'a JSON file' });
  }
  const example = { ...instanceAt(claim.variants[0], 0, '0') } as Record<string, unknown>;
  const shape = (value: Record<string, unknown>) =>
    Object.keys(value)
      .sort()
      .map((key) => `${key}: ${typeof value[key]}`)
      .join(', ');
  if (typeof found !== 'object' || found === null || shape(found) !== shape(example)) {
    throw new UsageError({
      problem: `the file '${file}' holds no instance of ${claim.id}`,
      expected: shape(example),
      found: typeof found === 'object' && found !== null ? shape(found) : JSON.stringify(found),
    });
  }
  for (const [key, value] of Object.entries(found)) {
    if (typeof value !== 'number') continue;
    const size = key !== 'seed' && Number.isInteger(example[key]) && (example[key] as number) >= 1;
    if (!(value >= 0 && Number.isFinite(value)) || (size && !(Number.isInteger(value) && value >= 1))) {
      throw new UsageError({
        problem: `the instance in '${file}' cannot be used: ${key} is out of range`,
        expected: size ? 'a whole number from 1' : 'a number from 0',
        found: String(value),
      });
    }
  }
  const instance = found as unknown as Instance;
  try {
    if (typeof found.activation === 'string') activation(found.activation);
    claim.variants[0].outside(instance);
  } catch (cause) {
    throw new UsageError({ problem: `the instance in '${file}' cannot be used: ${messageOf(cause)}` });
  }
  return instance;
}
