import type { BackendChoice } from '../backend/engine.js';
import type { Command, Offers } from './command.js';
import type { Subject } from './subject.js';

/** What is under test: the built-in implementation on a backend, or a program that speaks the protocol and answers within that many seconds. */
export type SubjectChoice =
  | { readonly kind: 'built-in'; readonly backend: BackendChoice }
  | { readonly kind: 'process'; readonly command: Command; readonly seconds: number };

export interface OpenSubject {
  readonly subject: Subject;
  /** Null for the built-in subject, which offers everything. */
  readonly offers: Offers | null;
  /** Computes on a GPU that it should not share; nobody knows of a process. */
  readonly hardware: boolean;
  close(): void;
}

/** Loads what the choice needs, and no more: that takes longer than most cases. @throws MeasurementError when the subject does not open. */
export async function openSubject(choice: SubjectChoice): Promise<OpenSubject> {
  if (choice.kind === 'process') {
    const { openProcessSubject } = await import('./process-subject.js');
    return { ...(await openProcessSubject(choice.command, choice.seconds)), hardware: false };
  }
  const [{ openBackend }, { builtInSubject }] = await Promise.all([import('../backend/backend.js'), import('./built-in.js')]);
  const backend = await openBackend(choice.backend);
  return { subject: builtInSubject(backend), offers: null, hardware: backend.hardware, close: backend.close };
}
