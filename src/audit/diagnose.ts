import type { DenseMatrix } from '../math/matrix.js';
import { rootMeanSquareDifference } from '../models/checked.js';
import { activations, type TwoLayerInstance } from '../models/two-layer/instances.js';
import type { StepSizes } from '../models/two-layer/model.js';
import { drawProblem, type TwoLayerProblem } from '../models/two-layer/problem.js';
import { referenceTangentKernel, referenceTrajectory } from '../models/two-layer/reference.js';
import { kernelRoundoff } from '../models/two-layer/roundoff.js';
import type { Subject } from '../subject/subject.js';
import { LimitError, messageOf } from '../support/errors.js';
import { factorName, fitted, kernelSignatures, outputSignatures, type Signature } from './signatures.js';

/** Sizes that no two factors share. */
const SIZES = { n: 7, d: 5, m: 12 } as const;
/** What may be left of a signature: far above float32, far below what tells two signatures apart. */
const LEFT = 1e-4;
/** Two results of one computation that differ by more are not of one computation. */
const NOISE = 1e-5;

const instance: Omit<TwoLayerInstance, 'activation'> = {
  inputDimension: SIZES.d,
  samples: SIZES.n,
  width: SIZES.m,
  alpha: 0.1,
  law: 'gaussian',
  spectrum: 'isotropic',
  mean: 0,
  labels: 'random',
  relativeStep: 0.1,
  stepRatio: 1,
  initialization: 'independent',
  seed: 7,
};

function problemOf(seed: number, activation: string): TwoLayerProblem {
  const problem = drawProblem({ ...instance, activation, seed });
  return { ...problem, secondLayer: problem.secondLayer.map((v, r) => v * (0.5 + (r % 4) / 4)) };
}

function differ(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  const size = rootMeanSquareDifference(a, new Float64Array(a.length));
  return rootMeanSquareDifference(a, b) > NOISE * size;
}

const UNKNOWN = 'in a way that is none of the known ones';

/** A factor of the right thing, or a signature with its factor; null when nothing is wrong, and a sentence of what is seen when nothing known fits. */
function recognised(what: string, found: ArrayLike<number>, signatures: readonly Signature<ArrayLike<number>>[]): string | null {
  for (const { name, computed } of signatures) {
    const { factor, left } = fitted(found, computed);
    if (left > LEFT) continue;
    if (Math.abs(factor - 1) < LEFT) return name === '' ? null : `${what} is ${name}`;
    const named = factorName(factor, SIZES) ?? String(Number(factor.toPrecision(4)));
    return `${what} is ${named} times ${name === '' ? 'what it should be' : name}`;
  }
  const [right] = signatures;
  const error = fitted(found, right!.computed).left;
  return `${what} differs from the reference by ${error.toPrecision(2)} of its size, ${UNKNOWN}`;
}

const precisions: readonly [name: string, unit: number][] = [
  ['float32', 2 ** -24],
  ['TF32 or float16 products', 2 ** -11],
  ['bfloat16', 2 ** -8],
];
/** Typical errors of the entries of a small kernel, in units of roundoff; no entry is spared. */
const TYPICAL = { least: 1 / 16, most: 4 } as const;
/** An entry counts as spared when its error is this part of the typical one. */
const SPARED = 1 / 256;

/** The precision whose rounding looks like the error of a kernel that the declared one does not explain; null when none does. */
async function precision(
  subject: Subject,
  problem: TwoLayerProblem,
  kernel: DenseMatrix,
  layer: 'first' | 'second',
): Promise<string | null> {
  const reference = referenceTangentKernel(problem, layer);
  const { entries } = await kernelRoundoff(problem, subject, layer);
  const errors = Float64Array.from(kernel.data, (entry, k) => Math.abs(entry - reference.data[k]!));
  if (errors.every((error, k) => error <= entries.data[k]!)) return null;
  const size = rootMeanSquareDifference(reference.data, new Float64Array(errors.length));
  const typical = rootMeanSquareDifference(errors, new Float64Array(errors.length)) / size;
  const touched = errors.filter((error) => error > SPARED * typical * size).length;
  const found = precisions.find(([, unit]) => typical > TYPICAL.least * unit && typical < TYPICAL.most * unit);
  if (!found || 2 * touched < errors.length) return null;
  return `the kernel of the ${layer} layer has the accuracy of ${found[0]}, not of ${subject.device}`;
}

async function kernelFindings(subject: Subject, activation: string): Promise<string[]> {
  const { twoLayer: model } = subject;
  if (!model?.tangentKernel) return [];
  const problem = problemOf(instance.seed, activation);
  const findings: string[] = [];
  for (const layer of ['first', 'second'] as const) {
    const what = `the kernel of the ${layer} layer`;
    const kernel = await model.tangentKernel(problem, layer);
    if (differ(kernel.data, (await model.tangentKernel(problem, layer)).data)) {
      findings.push(`${what} changes from call to call: dropout, or other noise, is left on`);
      continue;
    }
    const others = { ...problemOf(instance.seed + 1, activation), inputs: problem.inputs, labels: problem.labels };
    if (!differ(kernel.data, (await model.tangentKernel(others, layer)).data)) {
      findings.push(
        `${what} does not depend on the weights that it is given: the subject draws weights of its own from one seed`,
      );
      continue;
    }
    const signatures = kernelSignatures(problem, layer).map(({ name, computed }) => ({ name, computed: computed.data }));
    const finding = recognised(what, kernel.data, signatures);
    const coarse = finding === null || finding.endsWith(UNKNOWN) ? await precision(subject, problem, kernel, layer) : null;
    if (coarse ?? finding) findings.push((coarse ?? finding)!);
  }
  return findings;
}

async function outputFindings(subject: Subject, activation: string): Promise<string[]> {
  const { twoLayer: model } = subject;
  if (!model?.predict) return [];
  const problem = problemOf(instance.seed, activation);
  const { inputs } = problem;
  const outputs = await model.predict(problem, inputs);
  if (differ(outputs, await model.predict(problem, inputs)))
    return ['the outputs change from call to call: dropout, or other noise, is left on'];
  const alone = await model.predict(problem, { ...inputs, rows: 2, data: inputs.data.slice(0, 2 * SIZES.d) });
  if (differ(outputs.slice(0, 2), alone))
    return ['the output on an input depends on the other inputs: batch normalisation is left on'];
  const finding = recognised('the output', outputs, outputSignatures(problem));
  return finding ? [finding] : [];
}

const RECORD = [0, 1, 2, 3];

async function trainingFindings(subject: Subject, activation: string): Promise<string[]> {
  const { twoLayer: model } = subject;
  if (!model?.train) return [];
  const problem = problemOf(instance.seed, activation);
  const findings: string[] = [];
  for (const layers of ['first', 'second', 'both'] as const) {
    const steps: StepSizes = { first: layers === 'second' ? 0 : 0.5, second: layers === 'first' ? 0 : 0.5 };
    const found = (await model.train(problem, steps, RECORD)).outputs;
    const expected = referenceTrajectory(problem, steps, [...RECORD, RECORD.length]).outputs;
    if (RECORD.every((_, k) => !differ(expected[k]!, found[k]!))) continue;
    findings.push(trainingFinding(layers, problem, steps, found, expected));
  }
  return findings;
}

/** The change of outputs in one step. */
function change(outputs: readonly ArrayLike<number>[]): Float64Array {
  return Float64Array.from(outputs[1]!, (value, i) => value - outputs[0]![i]!);
}

function trainingFinding(
  layers: string,
  problem: TwoLayerProblem,
  steps: StepSizes,
  found: readonly ArrayLike<number>[],
  expected: readonly ArrayLike<number>[],
): string {
  const what = layers === 'both' ? 'training of both layers' : `training of the ${layers} layer`;
  if (RECORD.every((_, k) => !differ(expected[k + 1]!, found[k]!))) return `${what} records outputs one step late`;
  if (RECORD.slice(1).every((_, k) => !differ(expected[k]!, found[k + 1]!))) return `${what} records outputs one step early`;
  const SUBSTEPS = 256;
  const flow = referenceTrajectory(problem, { first: steps.first / SUBSTEPS, second: steps.second / SUBSTEPS }, [
    0,
    SUBSTEPS,
  ]).outputs;
  const [seen, right] = [change(found), change(expected)];
  const fit = fitted(seen, right);
  // The step is not infinitesimal: a factor of the gradient shows up to the curvature.
  const close = 0.05;
  const size = Math.sqrt(right.reduce((sum, value) => sum + value ** 2, 0));
  const distance = (other: Float64Array) => Math.hypot(...seen.map((value, i) => value - other[i]!)) / size;
  if (distance(change(flow)) < LEFT * 10) return `${what} follows gradient flow for the time η, not a step of size η`;
  if (fit.left < close && Math.abs(fit.factor - 1) > close) {
    for (const factor of [2, 0.5, SIZES.n, 1 / SIZES.n, SIZES.d, 1 / SIZES.d, SIZES.m, 1 / SIZES.m]) {
      const scaled = referenceTrajectory(problem, { first: steps.first * factor, second: steps.second * factor }, [0, 1]).outputs;
      if (distance(change(scaled)) > LEFT * factor) continue;
      const meaning =
        factor === 2
          ? ': the loss is 1/n, not 1/(2n), of the squares'
          : factor === SIZES.n
            ? ': the loss is a sum, not a mean'
            : '';
      return `${what} takes steps ${factorName(factor, SIZES)} times too large${meaning}`;
    }
  }
  return `${what} differs from the reference by ${distance(right).toPrecision(2)} of a step after the first, ${UNKNOWN}`;
}

/** What can be said of a subject's defects by signatures that are known, in sentences; empty when none shows on a small problem. */
export async function findDefects(subject: Subject): Promise<string[]> {
  const findings = new Set<string>();
  // The first activation that the subject has: some other than tanh, which is what others are replaced by.
  for (const activation of ['gelu', ...activations]) {
    try {
      for (const look of [outputFindings, kernelFindings, trainingFindings]) {
        for (const finding of await look(subject, activation)) findings.add(finding);
      }
      break;
    } catch (cause) {
      if (cause instanceof LimitError) continue;
      findings.add(messageOf(cause).split('\n')[0]!);
    }
  }
  return [...findings];
}
