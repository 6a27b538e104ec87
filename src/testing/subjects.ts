import { type Backend, openBackend } from '../backend/backend.js';
import { backendNames } from '../backend/engine.js';
import { builtInSubject } from '../subject/built-in.js';
import { referenceSubject } from '../subject/reference.js';
import type { Subject } from '../subject/subject.js';

/** Every subject that opens here: the built-in one on each backend, and the float64 reference. One backend is active at a time. */
export const subjectNames: readonly string[] = [...backendNames, 'reference'];

let active: { readonly name: string; readonly backend: Backend } | undefined;

/** Opens the subject of that name, closing the one before it; null where its backend is not available. */
export async function openSubject(name: string): Promise<Subject | null> {
  if (name === 'reference') return referenceSubject;
  if (active?.name !== name) {
    active?.backend.close();
    active = undefined;
    try {
      active = { name, backend: await openBackend(name as Backend['name']) };
    } catch {
      return null;
    }
  }
  return builtInSubject(active.backend);
}
