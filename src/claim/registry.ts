import { existsSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { distance } from 'fastest-levenshtein';
import { messageOf, UsageError } from '../support/errors.js';
import { type Claim, isClaim } from './claim.js';
import { type ProfileName, reaches } from './profile.js';

/** What the claims of a folder are about: a paper with its citation and notation, or the laws. */
export interface Paper {
  readonly citation: string;
  readonly url: string | null;
  /** Symbols of the statements and what they mean, in the order in which a reader needs them. */
  readonly notation: readonly (readonly [symbol: string, meaning: string])[];
}

let shipped: { readonly claims: readonly Claim[]; readonly papers: Readonly<Record<string, Paper>> } = { claims: [], papers: {} };
/** Claims of files that were registered, in order. */
const own = new Map<Claim, string>();

/** Makes the claims of the package known to this process; what puts the parts together calls it once. */
export function ship(claims: readonly Claim[], papers: Readonly<Record<string, Paper>>): void {
  shipped = { claims, papers };
}

/** The paper of that name, or what stands for one; undefined for claims of one's own. */
export function paperOf(name: string): Paper | undefined {
  return shipped.papers[name];
}

/** All claims that this process knows: those of the package, then those of registered files. */
export function registered(): readonly Claim[] {
  return [...shipped.claims, ...own.keys()];
}

/** The registered files, as absolute paths. */
export function registeredFiles(): readonly string[] {
  return [...new Set(own.values())];
}

/** The file that a claim of one's own was registered from, from this folder; null for a claim of the package. */
export function fileOf(claim: Claim): string | null {
  const file = own.get(claim);
  if (file === undefined) return null;
  const short = relative('', file);
  return short.startsWith('..') || isAbsolute(short) ? file : `./${short}`;
}

/**
 * Registers all claims that these modules export, alone or in lists; a file that is registered already is left alone.
 * @throws UsageError for a file that cannot be imported or exports no claim, and for an id that is taken.
 */
export async function registerFiles(files: readonly string[]): Promise<void> {
  for (const file of files.map((name) => resolve(name))) {
    if (registeredFiles().includes(file)) continue;
    const found = Object.values(await imported(file))
      .flat()
      .filter(isClaim);
    if (found.length === 0) {
      throw new UsageError({
        problem: `'${file}' exports no claim`,
        expected: 'a module that exports what defineClaim returns, or a list of it',
        hint: "export const mine = defineClaim({ … }), with defineClaim of 'earlytime'",
      });
    }
    for (const claim of new Set(found)) {
      if (registered().some(({ id }) => id === claim.id)) {
        throw new UsageError({ problem: `'${file}' has a claim whose id is taken`, found: claim.id, hint: 'choose another id' });
      }
      own.set(claim, file);
    }
  }
}

async function imported(file: string): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(file)) {
    throw new UsageError({
      problem: `there is no file '${file}'`,
      expected: 'a module that exports claims',
      hint: 'check the path after --claims',
    });
  }
  try {
    return await import(pathToFileURL(file).href);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const typescript = (cause as NodeJS.ErrnoException | null)?.code === 'ERR_UNKNOWN_FILE_EXTENSION';
    const hint = typescript
      ? 'compile it, or use a newer Node'
      : cause instanceof SyntaxError && /outside a module|Unexpected token 'export'/.test(cause.message)
        ? 'name it .mjs, or set "type": "module" in package.json'
        : undefined;
    throw new UsageError({
      problem: `the claims of '${file}' cannot be imported: ${messageOf(cause).split('\n')[0]}`,
      expected: 'a JavaScript module, or a TypeScript one where Node strips types (from 22.18 on)',
      ...(hint !== undefined && { hint }),
    });
  }
}

/** The registered claim of that id. @throws UsageError for an unknown one, with the nearest known ids. */
export function claimOf(id: string): Claim {
  const found = registered().find((claim) => claim.id === id);
  if (found) return found;
  throw unknownClaim(id);
}

/**
 * The claims that the selectors name: an id, a folder (`hu2020/`, or `hu2020`), or what the ids of a family begin with before a hyphen
 * (`hu2020/sharp-terms`); all without a selector. A claim that is for more thorough profiles than this one is taken only by its id.
 * @throws UsageError for a selector that names none.
 */
export function selectClaims(selectors: readonly string[], profile: ProfileName = 'deep'): readonly Claim[] {
  const claims = registered();
  const affordable = claims.filter((claim) => reaches(profile, claim.profile));
  if (selectors.length === 0) return affordable;
  const chosen = new Set<Claim>();
  for (const selector of selectors) {
    const folder = selector.endsWith('/') ? selector : `${selector}/`;
    let matches = [...claims.filter(({ id }) => id === selector), ...affordable.filter(({ id }) => id.startsWith(folder))];
    if (matches.length === 0 && selector.includes('/')) matches = affordable.filter(({ id }) => id.startsWith(`${selector}-`));
    if (matches.length === 0) throw unknownClaim(selector);
    for (const claim of matches) chosen.add(claim);
  }
  return claims.filter((claim) => chosen.has(claim));
}

/** Ids and folders that an unknown selector may have meant. */
const SUGGESTIONS = 3;

function unknownClaim(id: string): UsageError {
  const ids = registered().map((claim) => claim.id);
  const known = [...new Set(ids.map((known) => known.slice(0, known.indexOf('/')))), ...ids];
  // A name without its paper is meant as often as a name with a slip.
  const near = (other: string) => Math.min(distance(id, other), distance(id, other.slice(other.indexOf('/') + 1)));
  const nearest = known.toSorted((a, b) => near(a) - near(b)).slice(0, SUGGESTIONS);
  return new UsageError({
    problem: `unknown claim '${id}'`,
    expected: `an id or a folder, as the nearest known ones: ${nearest.join(', ')}`,
    hint: 'run `earlytime list`; name the file of claims of your own with --claims',
  });
}
