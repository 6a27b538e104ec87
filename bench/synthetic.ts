import { syntheticExperiment } from '../properties/hu2020/synthetic-experiment.js';
import { openBackend } from '../src/backend/backend.js';
import { instanceAt } from '../src/claim/claim.js';
import { builtInSubject } from '../src/subject/built-in.js';

// A process that runs the synthetic experiment for few steps at its full size and prints its peak memory in MiB.
const subject = builtInSubject(await openBackend('wasm'));
const [claim] = syntheticExperiment.variants;
// T = ln 50/2 in steps of η = 2 d.
const instance = { ...instanceAt(claim, 1, '0'), relativeStep: 2 };
await claim.measure(instance, { subject, constant: () => 1 });
console.log(process.resourceUsage().maxRSS / 1024);
