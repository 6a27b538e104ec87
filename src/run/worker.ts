import { claims } from '../../properties/index.js';
import { papers } from '../../properties/papers.js';
import { findDefects } from '../audit/diagnose.js';
import type { Roundoff } from '../backend/roundoff.js';
import { calibratedConstant, UNCALIBRATED } from '../claim/calibration.js';
import { type Instance, instanceAt } from '../claim/claim.js';
import { claimOf, registerFiles, ship } from '../claim/registry.js';
import type { Sensitivity } from '../judge/resolution.js';
import { type OpenSubject, openSubject, type SubjectChoice } from '../subject/choice.js';
import type { Offers } from '../subject/command.js';
import { criticalFactors } from './critical-factors.js';
import { type Measured, measureCases, variantOf } from './measure.js';

/** What every request says. */
export interface WorkerRequest {
  readonly subject: SubjectChoice;
  /** Files of claims that are not of this package. */
  readonly files: readonly string[];
}

/** Which case a worker is to measure: drawn from seed and path, or given. */
export interface CaseRequest extends WorkerRequest {
  readonly claim: string;
  /** The claim itself (null) and its controls that are judged on the same case. */
  readonly controls: readonly (string | null)[];
  readonly draw: { readonly seed: number; readonly path: string } | { readonly instance: Instance };
  /** Measure with all constants at UNCALIBRATED, to calibrate them. */
  readonly uncalibrated?: boolean;
}

export interface CaseReply {
  readonly instance: Instance;
  /** In the order of the controls. */
  readonly measured: readonly Measured[];
}

/** The subject as reports name it. */
export interface SubjectDescription {
  readonly name: string;
  readonly backend: string;
  readonly device: string;
  readonly hardware: boolean;
  readonly roundoff: Roundoff;
  /** What an audited program says that it can do; null for the built-in subject. */
  readonly offers: Offers | null;
}

ship(claims, papers);

// A print to stdout would corrupt `--json`; Ctrl-C reaches the whole process group and is the parent's to handle.
console.log = console.error;
process.on('SIGINT', () => {});
// Without an exit of its own a process would leave behind what it opened, and its coverage.
process.on('SIGTERM', () => process.exit());
// The run is gone.
process.on('disconnect', () => process.exit());

let opened: Promise<OpenSubject> | undefined;

function open(choice: SubjectChoice) {
  opened ??= openSubject(choice);
  return opened;
}

/** Opens the subject and says what it is. */
export async function describe(request: WorkerRequest): Promise<SubjectDescription> {
  const { subject, hardware, offers } = await open(request.subject);
  const { name, backend, device, roundoff } = subject;
  return { name, backend, device, hardware, roundoff, offers };
}

/** Measures one case of a registered claim. */
export async function measure(request: CaseRequest): Promise<CaseReply> {
  await registerFiles(request.files);
  const { subject } = await open(request.subject);
  const claim = claimOf(request.claim);
  const variants = request.controls.map((control) => variantOf(claim, control));
  const instance =
    'instance' in request.draw ? request.draw.instance : instanceAt(variants[0]!, request.draw.seed, request.draw.path);
  const constant = request.uncalibrated ? () => UNCALIBRATED : (name: string) => calibratedConstant(request.claim, name);
  return { instance, measured: await measureCases(variants, instance, subject, constant) };
}

/** A case of a claim for its resolution. */
export interface SensitivityRequest extends WorkerRequest {
  readonly claim: string;
  readonly draw: { readonly seed: number; readonly path: string };
}

/** By how much the theory of a claim may be wrong before the case violates it. */
export async function sensitivity({ files, subject: choice, claim: id, draw }: SensitivityRequest): Promise<Sensitivity | null> {
  await registerFiles(files);
  const { subject } = await open(choice);
  const claim = claimOf(id);
  const instance = instanceAt(claim.variants[0], draw.seed, draw.path);
  return criticalFactors(claim, instance, subject, (name) => calibratedConstant(id, name));
}

/** What is known of the subject's defect, in sentences. */
export async function diagnose(request: WorkerRequest): Promise<string[]> {
  return findDefects((await open(request.subject)).subject);
}
