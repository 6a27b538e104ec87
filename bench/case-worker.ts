import { claims } from '../properties/index.js';
import { openBackend } from '../src/backend/backend.js';
import { calibratedConstant } from '../src/calibration.js';
import { instanceAt } from '../src/claim.js';
import { measureCase } from '../src/run/measure.js';
import { builtInSubject } from '../src/subject/built-in.js';

/** Prints cases of the first-layer kernel claim per second, as a worker measures them. */
const claim = claims.find(({ id }) => id === 'hu2020/first-layer-kernel')!;
const [variant] = claim.variants;
const subject = builtInSubject(await openBackend('wasm'));
const cases = 24;
const run = (index: number) =>
  measureCase(variant, instanceAt(variant, 1, String(index)), subject, (name) => calibratedConstant(claim.id, name));
await run(0);
const start = performance.now();
for (let index = 0; index < cases; index++) await run(index);
process.stdout.write(String((1000 * cases) / (performance.now() - start)));
