import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Calibration, type CalibrationEntry, calibration, calibrationFile } from '../calibration.js';
import type { Claim, Measurement } from '../claim.js';
import { slopeOf } from '../judge/rate.js';
import { seedOf } from '../random.js';
import { selectClaims } from '../registry.js';
import { openPool, type Pool } from './pool.js';

/**
 * Quantile and margin of a calibrated constant. The claims assert a pass rate of .99: 1.25 × the 95th percentile was exceeded by 2–3 % of
 * the instances of the two claims with the longest tails, so the 99th percentile is taken.
 */
const QUANTILE = 0.99;
const MARGIN = 1.25;
const CONTROL_INSTANCES = 60;
const CONTROL_LADDERS = 12;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '20261' }, instances: { type: 'string', default: '400' } },
});
const seed = Number(values.seed);
const instances = Number(values.instances);

async function measurements(pool: Pool, claim: Claim, control: string | null, count: number): Promise<Measurement[]> {
  const caseSeed = seedOf(seed, 'calibration', claim.id, control ?? '');
  const replies = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      pool.measure({ claim: claim.id, control, draw: { seed: caseSeed, path: String(index) }, uncalibrated: true }),
    ),
  );
  return replies.flatMap(({ outcome }) => {
    if (outcome.status === 'measured') return [outcome.measurement];
    throw new Error(`${claim.id}: ${outcome.reason}`);
  });
}

type Constants = CalibrationEntry['constants'];

function constantsFrom(measured: readonly Measurement[]): Constants {
  const ratios = new Map<string, number[]>();
  for (const measurement of measured) {
    if (measurement.kind === 'rate' || measurement.constant === null) continue;
    const list = ratios.get(measurement.constant) ?? [];
    list.push(measurement.observed / measurement.bound);
    ratios.set(measurement.constant, list);
  }
  const digits = (value: number) => Number(value.toPrecision(4));
  return Object.fromEntries(
    [...ratios].sort().map(([name, list]) => {
      list.sort((a, b) => a - b);
      const percentile99 = list[Math.ceil(QUANTILE * list.length) - 1]!;
      return [
        name,
        { value: digits(MARGIN * percentile99), percentile99: digits(percentile99), largest: digits(list.at(-1)!), instances: list.length },
      ];
    }),
  );
}

/** Rate at which a control violates: the bound with these constants, or the claimed slope. */
function violationRate(claim: Claim, measured: readonly Measurement[], constants: Constants): number {
  const violations = measured.filter((measurement) => {
    if (measurement.kind === 'rate') return slopeOf(measurement.points) > claim.rate!.slope;
    const constant = measurement.constant === null ? 1 : constants[measurement.constant]!.value;
    return measurement.observed > constant * measurement.bound;
  });
  return Number((violations.length / measured.length).toFixed(3));
}

async function calibrate(pool: Pool, claim: Claim, backend: string): Promise<CalibrationEntry> {
  const start = performance.now();
  const perVariant = claim.kind === 'rate' ? CONTROL_LADDERS : CONTROL_INSTANCES;
  const own = claim.kind === 'rate' ? [] : await measurements(pool, claim, null, claim.kind === 'bound' ? instances : CONTROL_INSTANCES);
  const constants = constantsFrom(own);
  if (own.length > 0) console.error(`${claim.id}: claim itself violates ${violationRate(claim, own, constants)}`);
  const controls: CalibrationEntry['controls'] = {};
  for (const { control } of claim.variants) {
    if (control === null) continue;
    const measured = await measurements(pool, claim, control, perVariant);
    controls[control] = { violationRate: violationRate(claim, measured, constants), instances: measured.length };
  }
  console.error(claim.id, JSON.stringify({ constants, controls }), `${((performance.now() - start) / 1000).toFixed(1)} s`);
  return { command: `npm run calibrate -- ${claim.id} --seed ${seed} --instances ${instances}`, seed, backend, constants, controls };
}

const known: Calibration = { ...calibration() };
const pool = openPool(2, 'wasm');
const { backend } = await pool.describe();
for (const claim of selectClaims(positionals)) {
  known[claim.id] = await calibrate(pool, claim, backend);
  writeFileSync(calibrationFile, `${JSON.stringify(known, null, 2)}\n`);
}
await pool.close();
