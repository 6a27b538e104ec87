import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import '../testing/registry.js';
import { expect, it } from 'vitest';
import { claims } from '../../properties/index.js';
import { MeasurementError, messageOf, UsageError } from '../support/errors.js';
import { versions } from '../support/versions.js';
import { calibratedConstant, calibration, calibrationHash } from './calibration.js';
import { claimOf, fileOf, paperOf, registeredFiles, registerFiles, selectClaims } from './registry.js';

it('selects by id, by paper, or all, in the order of the registry', () => {
  expect(selectClaims([])).toEqual(claims);
  expect(selectClaims(['hu2020/first-layer-training', 'hu2020/concentration']).map(({ id }) => id)).toEqual([
    'hu2020/concentration',
    'hu2020/first-layer-training',
  ]);
  expect(selectClaims(['hu2020']).every(({ id }) => id.startsWith('hu2020/'))).toBe(true);
  expect(selectClaims(['laws/', 'laws/layers-add'])).toEqual(selectClaims(['laws']));
  expect(selectClaims(['hu2020/sharp-terms']).length).toBeGreaterThan(2);
  expect(selectClaims(['hu2020/sharp-terms']).every(({ id }) => id.startsWith('hu2020/sharp-terms-'))).toBe(true);
  expect(selectClaims(['hu2020/deep-kernel']).map(({ id }) => id)).toEqual(['hu2020/deep-kernel']);
});

it('leaves claims that are for more thorough profiles out of a quick run, unless they are named', () => {
  const expensive = claims.filter(({ profile }) => profile === 'deep').map(({ id }) => id);
  expect(expensive).toContain('hu2020/synthetic-experiment');
  const idsOf = (selectors: string[], profile: 'quick' | 'standard' | 'deep') =>
    selectClaims(selectors, profile).map(({ id }) => id);
  expect(idsOf([], 'quick').filter((id) => expensive.includes(id))).toEqual([]);
  expect(idsOf(['hu2020'], 'standard')).toContain('hu2020/deep-training');
  expect(idsOf(['hu2020'], 'quick')).not.toContain('hu2020/deep-training');
  expect(idsOf(expensive, 'quick')).toEqual(expensive);
  expect(idsOf([], 'deep')).toHaveLength(claims.length);
});

it('refuses what names no claim, with what there is', () => {
  expect(() => selectClaims(['hu2020', 'hu20'])).toThrow(
    /unknown claim 'hu20'\n {2}expected: an id or a folder, as the nearest known ones: hu2020, /,
  );
  expect(() => claimOf('first-layer-kernal')).toThrow(/: hu2020\/first-layer-kernel, /);
  expect(() => claimOf('laws/layer-adds')).toThrow(/: laws\/layers-add, [^,]*, [^,]*\n/);
  expect(() => claimOf('hu2020')).toThrow(UsageError);
  expect(claimOf('hu2020/concentration').id).toBe('hu2020/concentration');
});

it('names claims of its own where it says that others test a law', () => {
  const ids = claims.map(({ id }) => id);
  for (const { id, lawTestedBy } of claims) {
    for (const other of lawTestedBy) {
      const kind = claims.find((claim) => claim.id === other)?.kind;
      expect([id, other, ids.includes(other), kind === 'estimate' || kind === 'rate']).toEqual([id, other, true, true]);
    }
  }
});

it('has calibrated constants for every bound that uses them, and controls that show', () => {
  // A case of the deep profile takes minutes; it has no constants, and each run of it must refute its controls.
  for (const claim of claims.filter(({ kind, profile }) => kind !== 'identity' && profile !== 'deep')) {
    const entry = calibration()[claim.id];
    expect(entry, claim.id).toBeDefined();
    if (!entry) continue;
    for (const { control, nearMiss } of claim.variants) {
      if (control !== null && !nearMiss) expect(entry.controls[control]!.violationRate).toBeGreaterThanOrEqual(0.5);
    }
    for (const constant of Object.values(entry.constants)) {
      // A 99.5th percentile takes more than a mean does.
      expect(constant.instances).toBeGreaterThanOrEqual('mean' in constant ? 80 : 300);
      if ('mean' in constant) {
        const { mean, standardDeviation, instances } = constant;
        const bias = Math.abs(mean) + (3 * standardDeviation) / Math.sqrt(instances);
        expect(constant.value).toBeCloseTo(Math.max(0.02, bias + 1.25 * standardDeviation), 3);
      } else expect(constant.value).toBeCloseTo(1.25 * constant.percentile995, 2);
    }
  }
  expect(calibrationHash('nobody/nothing')).toBeNull();
  expect(() => calibratedConstant('hu2020/concentration', 'nothing')).toThrow(
    /never calibrated\n {2}what to do: npx earlytime calibrate hu2020\/concentration, with the same --claims/,
  );
});

it('words errors in a fixed order', () => {
  const error = new MeasurementError({ problem: 'p', hint: 't', found: 'f', expected: 'e' });
  expect(error.message).toBe('p\n  expected: e\n  found: f\n  what to do: t');
  expect(messageOf({ message: 'from a worker' })).toBe('from a worker');
  expect(messageOf('text')).toBe('text');
});

it('knows its versions', () => {
  expect(versions()).toMatchObject({
    node: process.versions.node,
    fastCheck: expect.stringMatching(/^4\./),
    tfjs: expect.stringMatching(/^4\./),
  });
});

it('registers the claims that a file exports, alone and in lists, once', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'earlytime-')), 'mine.mjs');
  const claim = (id: string) => `{ id: '${id}', kind: 'bound', profile: 'quick', variants: [{ measure: async () => ({}) }] }`;
  writeFileSync(
    file,
    `export const one = ${claim('mine/one')};\nexport const more = [${claim('mine/two')}, one];\nexport const other = 3;\n`,
  );
  await registerFiles([file]);
  await registerFiles([file, file]);
  expect(selectClaims(['mine']).map(({ id }) => id)).toEqual(['mine/one', 'mine/two']);
  expect(registeredFiles()).toEqual([file]);
  expect(fileOf(claimOf('mine/one'))).toBe(file);
  expect(fileOf(claimOf('hu2020/concentration'))).toBeNull();
  expect(paperOf('hu2020')?.citation).toContain('Hu');
  const refused = async (text: string, message: RegExp, name = 'other.mjs') => {
    const wrong = join(dirname(file), name);
    writeFileSync(wrong, text);
    await expect(registerFiles([wrong])).rejects.toThrow(message);
  };
  await refused('export const x = 1;', /exports no claim/, 'none.mjs');
  await refused(`export const x = ${claim('mine/one')};`, /whose id is taken/, 'taken.mjs');
  await expect(registerFiles([join(dirname(file), 'nowhere.mjs')])).rejects.toThrow(/there is no file/);
});

it('has near misses that are what their profile just notices', () => {
  const bounds = claims.filter(({ kind }) => kind === 'bound');
  const misses = bounds.flatMap((claim) =>
    claim.variants.filter(({ nearMiss }) => nearMiss).map((variant) => ({ claim, variant })),
  );
  expect(misses.length).toBeGreaterThan(20);
  for (const { claim, variant } of misses) {
    const [name, factor] = variant.statement.split(' × ') as [string, string];
    const [best] = calibration()[claim.id]!.resolution!.profiles[variant.profile]![name]!;
    const off = Number(factor) - 1;
    const near = best !== null && off > best && off < 3 * best + 0.1;
    expect([claim.id, variant.control, best, off, near]).toEqual([claim.id, variant.control, best, off, true]);
  }
});
