import { type Backend, type BackendChoice, openBackend } from '../backend/backend.js';
import type { Roundoff } from '../backend/probe.js';
import { calibratedConstant, UNCALIBRATED } from '../calibration.js';
import { type Instance, instanceAt } from '../claim.js';
import { claimOf } from '../registry.js';
import { builtInSubject } from '../subject/built-in.js';
import type { Subject } from '../subject/subject.js';
import { measureCase, type Outcome, variantOf } from './measure.js';

/** Which case a worker is to measure: drawn from seed and path, or given. */
export interface CaseRequest {
  readonly backend: BackendChoice;
  readonly claim: string;
  readonly control: string | null;
  readonly draw: { readonly seed: number; readonly path: string } | { readonly instance: Instance };
  /** Measure with all constants 1, to calibrate them. */
  readonly uncalibrated?: boolean;
}

export interface CaseReply {
  readonly instance: Instance;
  readonly outcome: Outcome;
  readonly seconds: number;
}

/** The subject as reports name it. */
export interface SubjectDescription {
  readonly name: string;
  readonly backend: string;
  readonly device: string;
  readonly hardware: boolean;
  readonly roundoff: Roundoff;
}

// A print to stdout would corrupt `--json`; Ctrl-C reaches the whole process group and is the parent's to handle.
console.log = console.error;
process.on('SIGINT', () => {});

let opened: Promise<{ backend: Backend; subject: Subject }> | undefined;

function open(choice: BackendChoice) {
  opened ??= openBackend(choice).then((backend) => ({ backend, subject: builtInSubject(backend) }));
  return opened;
}

/** Opens the backend and says what it is. */
export async function describe({ backend: choice }: { backend: BackendChoice }): Promise<SubjectDescription> {
  const { subject, backend: opened } = await open(choice);
  return {
    name: subject.name,
    backend: subject.backend,
    device: subject.device,
    hardware: opened.hardware,
    roundoff: subject.roundoff,
  };
}

/** Measures one case of a registered claim. */
export async function measure(request: CaseRequest): Promise<CaseReply> {
  const { subject } = await open(request.backend);
  const variant = variantOf(claimOf(request.claim), request.control);
  const instance = 'instance' in request.draw ? request.draw.instance : instanceAt(variant, request.draw.seed, request.draw.path);
  const constant = request.uncalibrated ? () => UNCALIBRATED : (name: string) => calibratedConstant(request.claim, name);
  const start = performance.now();
  const outcome = await measureCase(variant, instance, subject, constant);
  return { instance, outcome, seconds: (performance.now() - start) / 1000 };
}
