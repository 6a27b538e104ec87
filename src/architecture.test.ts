import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from './support/files.js';

/** Each file of src and properties, tests aside, with the files that it imports. */
const imports = new Map<string, readonly string[]>(
  ['src', 'properties'].flatMap(filesIn).map((file) => {
    const text = readFileSync(join(packageRoot, file), 'utf8');
    const found = [...text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'(\.{1,2}\/[^']+)\.js'/g)];
    return [file, found.map(([, target]) => `${relative(packageRoot, resolve(packageRoot, dirname(file), target!))}.ts`)];
  }),
);

function filesIn(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'testing' ? [] : filesIn(path);
    return path.endsWith('.ts') && !path.endsWith('.test.ts') ? [path] : [];
  });
}

/** The imports from one set of files into another, as `from → to`. */
function edges(from: (file: string) => boolean, to: (file: string, importer: string) => boolean): string[] {
  return [...imports].flatMap(([file, targets]) =>
    from(file) ? targets.filter((target) => to(target, file)).map((target) => `${file} → ${target}`) : [],
  );
}

/** The folder below src that a file lies in: its room. */
const roomOf = (file: string) => /^src\/([^/]+)\//.exec(file)?.[1] ?? null;

/** The folders of the model families. */
const families = readdirSync(join(packageRoot, 'src/models'), { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** A path from a file back to itself, if there is one. */
function circleThrough(start: string): readonly string[] | null {
  const seen = new Set<string>();
  const search = (file: string, path: readonly string[]): readonly string[] | null => {
    for (const target of imports.get(file) ?? []) {
      if (target === start) return [...path, target];
      if (seen.has(target)) continue;
      seen.add(target);
      const found = search(target, [...path, target]);
      if (found) return found;
    }
    return null;
  };
  return search(start, [start]);
}

describe('the house', () => {
  it('is read whole', () => {
    expect(imports.size).toBeGreaterThan(200);
    const unknown = edges(
      () => true,
      (target) => !imports.has(target),
    );
    expect(unknown).toEqual([]);
  });

  it('has no circle of imports', () => {
    expect([...imports.keys()].map(circleThrough).filter(Boolean)).toEqual([]);
  });

  it('has no two rooms that import each other', () => {
    const between = new Set(
      edges(
        (file) => roomOf(file) !== null,
        (target, file) => roomOf(target) !== null && roomOf(target) !== roomOf(file),
      ).map((edge) => edge.split(' → ').map(roomOf).join(' → ')),
    );
    const both = [...between].filter((edge) => between.has(edge.split(' → ').reverse().join(' → ')));
    expect(both).toEqual([]);
  });

  it('keeps what computes on a backend and its float64 reference apart', () => {
    const tensors = (file: string) => /\/tensors(-\w+)?\.ts$/.test(file);
    const reference = (file: string) => /\/reference\.ts$/.test(file) && file.startsWith('src/models/');
    expect([...imports.keys()].filter(tensors).length).toBeGreaterThan(3);
    expect([...imports.keys()].filter(reference)).toHaveLength(families.length);
    expect([...edges(tensors, reference), ...edges(reference, tensors)]).toEqual([]);
  });

  it('has model families of one shape', () => {
    const parts = ['problem', 'instances', 'tensors', 'reference', 'roundoff', 'model'];
    for (const { name } of families) {
      for (const part of parts) expect([...imports.keys()]).toContain(`src/models/${name}/${part}.ts`);
    }
  });

  it('knows theorems only where its parts are put together', () => {
    const composition = /^src\/(index|vitest|commands\/program|run\/worker)\.ts$/;
    const theorems = (file: string) => file.startsWith('properties/');
    expect(edges((file) => file.startsWith('src/') && !composition.test(file), theorems)).toEqual([]);
  });

  it('has laws that import no paper, papers that import no other paper, and models that know no claim', () => {
    const paperOf = (file: string) => /^properties\/([^/]+)\//.exec(file)?.[1] ?? null;
    expect(
      edges(
        (file) => paperOf(file) !== null,
        (target, file) => paperOf(target) !== null && paperOf(target) !== paperOf(file) && paperOf(target) !== 'lib',
      ),
    ).toEqual([]);
    // Claims share what they share in lib.
    const claim = (file: string) => /^properties\/[a-z0-9]+\/[^/]+\.ts$/.test(file) && paperOf(file) !== 'lib';
    expect(edges(claim, claim)).toEqual([]);
    expect(
      edges(
        (file) => roomOf(file) === 'models',
        (target) => ['claim', 'judge', 'run', 'subject'].includes(roomOf(target)!),
      ),
    ).toEqual([]);
  });
});
