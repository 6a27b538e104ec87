import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { BackendChoice } from '../backend/engine.js';
import type { DataSet } from '../data/data-set.js';
import { loadData, MOST_SAMPLES, matrixOf, vectorOf } from '../data/load.js';
import { isFile, readTable } from '../data/table.js';
import { transformed } from '../data/transform.js';
import { type AlignmentInspection, alignmentAnswer, inspectAlignment, MOST_ALIGNED } from '../inspect/alignment.js';
import { type Inspection, inspect, vacuous } from '../inspect/inspect.js';
import { inspectNeurons, MOST_FOLLOWED, type NeuronInspection } from '../inspect/neurons.js';
import { activation } from '../math/activation.js';
import { evenIndices } from '../math/even-indices.js';
import { stream } from '../math/random.js';
import { drawLayers, type LayeredProblem } from '../models/layered/problem.js';
import { type TrainedLayers, trainedLayers } from '../models/two-layer/model.js';
import { drawWeights, type TwoLayerProblem } from '../models/two-layer/problem.js';
import { writeReport } from '../run/folder.js';
import { shellQuoted } from '../run/shrink.js';
import { openSubject } from '../subject/choice.js';
import { UsageError } from '../support/errors.js';
import { counted } from '../support/words.js';
import { backendOption, integer, jsonOption, MAX_SEED, positive } from './options.js';
import { clearStatus, printJson, say, status } from './output.js';

interface Flags {
  readonly inputs: string;
  readonly labels?: string;
  readonly labelColumn?: string;
  readonly classes?: [number, number];
  readonly center?: boolean;
  readonly scale?: boolean;
  readonly whiten?: boolean | number;
  readonly data?: string;
  readonly firstLayer?: string;
  readonly secondLayer?: string;
  readonly samples?: number;
  readonly width?: number;
  readonly seed: number;
  readonly activation: string;
  readonly train: TrainedLayers;
  readonly depth: number;
  readonly alignment?: boolean;
  readonly neurons?: boolean;
  readonly sigma?: number;
  readonly step?: number;
  readonly steps?: number;
  readonly tolerance: number;
  readonly backend: BackendChoice;
  readonly out: string;
  readonly json?: boolean;
}

export function addInspect(program: Command): void {
  program
    .command('inspect')
    .description('how linear a network will be on your own data, for how long, and as which linear model')
    .requiredOption(
      '--inputs <data>',
      'X.npy (n×d), data.npz:X, data.csv, also as .gz; or two classes as in mnist:0/1, fashion-mnist:0/9, cifar10:cat/horse',
    )
    .option('--labels <file>', 'y.npy, n')
    .option('--label-column <column>', 'column of a .csv with the labels, by name or number (default: the last one)')
    .option('--classes <labels>', 'rows with these two labels alone, for 1 and −1, as in 3,8', twoClasses)
    .option('--center', 'subtract the mean of each column')
    .option('--scale', 'multiply by the factor that makes the mean of ‖x‖² the dimension')
    .option(
      '--whiten [components]',
      'replace the inputs by their leading principal components, of unit variance',
      integer(1, 2000),
    )
    .option('--data <folder>', 'where the files of a named data set are')
    .option('--first-layer <file>', 'W.npy, m×d')
    .option('--second-layer <file>', 'v.npy, m')
    .option(
      '--samples <number>',
      'use so many inputs, drawn by the seed (default: all of a file, 500 of a named data set)',
      integer(2, MOST_SAMPLES),
    )
    .option('--width <number>', 'm of a network to draw, even (default: 2d)', integer(2, 1_000_000))
    .option('--seed <number>', 'seed of the network to draw, and of the rows', integer(0, MAX_SEED), 42)
    .option(
      '--activation <name>',
      'erf, tanh, sigmoid, softplus, gelu, relu, leaky-relu:<slope> or abs; with --alignment relu or linear',
      'relu',
    )
    .addOption(new Option('--train <layers>', 'which layers are trained').choices([...trainedLayers]).default('first'))
    .option(
      '--depth <layers>',
      'hidden layers of a network to draw; with more than one, all layers are trained',
      integer(1, 8),
      1,
    )
    .option('--alignment', 'silent alignment instead: kernel, loss and regression with the final kernel from small weights')
    .option('--neurons', 'early neuron alignment instead: coherence of two classes, and the patterns of ReLU neurons over time')
    .option('--sigma <size>', 'σ of the weights with --alignment (default: 0.01), ε with --neurons (default: 1e-6)', positive)
    .option('--step <size>', "step size η (default: a tenth of the theorem's range, at most n/‖Θ^lin‖)", positive)
    .option('--steps <number>', 'steps of gradient descent (default: d ln d/η, at most 200)', integer(1, 100_000))
    .option(
      '--tolerance <part>',
      'mean-square gap to the linear model that counts as linear, as a part of mean y²',
      positive,
      0.05,
    )
    .addOption(backendOption())
    .option('--out <folder>', 'where the page and inspection.json go', 'reports/inspect')
    .addOption(jsonOption())
    .action(async (flags: Flags) => {
      if (flags.alignment || flags.neurons) {
        await inspectFlow(flags);
        return;
      }
      refuseFlags(flags, ['sigma'], 'inspect without --alignment or --neurons');
      activation(flags.activation);
      const data = dataOf(flags, null);
      const { problem, drawn } = networkFor(data, flags);
      const { subject, close } = await openSubject({ kind: 'built-in', backend: flags.backend });
      try {
        status(`inspecting ${data.inputs.rows} inputs of dimension ${data.inputs.columns} on ${subject.backend} …`);
        const result = await inspect(
          problem,
          {
            layers: flags.train,
            step: flags.step ?? null,
            steps: flags.steps ?? null,
            drawnWeights: drawn,
            labelled: data.labels !== null,
            tolerance: flags.tolerance,
            progress: status,
          },
          subject,
        );
        clearStatus();
        tell(result, flags);
        await present(result, 'trainingPage', flags);
      } finally {
        close();
      }
    });
}

function twoClasses(text: string): [number, number] {
  const labels = text.split(',').map(Number);
  if (labels.length === 2 && labels.every(Number.isFinite) && labels[0] !== labels[1]) return [labels[0]!, labels[1]!];
  throw new InvalidArgumentError('expected two different labels, as in 3,8.');
}

type Pages = typeof import('../inspect/page.js');

/** Writes the page and the result into the output folder; prints the result with --json. */
async function present<N extends keyof Pages>(result: Parameters<Pages[N]>[0], name: N, { out, json }: Flags): Promise<void> {
  // What draws it takes longer to load than most commands to run.
  const page = (await import('../inspect/page.js'))[name] as (shown: typeof result, command: string) => string;
  const command = ['npx earlytime', ...process.argv.slice(2).map(shellQuoted)].join(' ');
  writeReport(out, { 'index.html': page(result, command), 'inspection.json': `${JSON.stringify(result, null, 2)}\n` });
  if (json) printJson(result);
  say(`page: ${join(out, 'index.html')}`);
}

/** @throws UsageError when one of these flags was given. */
function refuseFlags(flags: Flags, names: readonly (keyof Flags)[], command: string): void {
  const given = names.find((name) => flags[name] !== undefined);
  if (given === undefined) return;
  const flag = `--${given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new UsageError({ problem: `${flag} does not go with ${command}`, hint: 'leave it out' });
}

/** The data that the flags name, with what is to be said of them; `samples` unless there is a flag for it. */
function dataOf({ inputs, labels, labelColumn, classes, data: folder, seed, ...flags }: Flags, samples: number | null): DataSet {
  const { notes, ...data } = loadData({ inputs, labels, labelColumn, classes, folder, seed, samples: flags.samples ?? samples });
  for (const note of notes) say(note);
  const { center = false, scale = false, whiten = false } = flags;
  return { ...data, inputs: transformed(data.inputs, { center, scale, whiten }) };
}

/** `--alignment` and `--neurons`: gradient flow of a drawn network from small weights. */
async function inspectFlow(flags: Flags): Promise<void> {
  const mode = flags.alignment ? '--alignment' : '--neurons';
  if (flags.alignment && flags.neurons)
    throw new UsageError({ problem: '--alignment and --neurons are two questions', expected: 'one of them' });
  refuseFlags(flags, ['firstLayer', 'secondLayer', 'step', 'steps'], mode);
  const most = flags.alignment ? MOST_ALIGNED : MOST_FOLLOWED;
  const data = dataOf(flags, isFile(flags.inputs) ? null : most);
  if (flags.neurons) {
    const { seed, width = 16, sigma = 1e-6 } = flags;
    const result = inspectNeurons(data, { seed, width, epsilon: sigma, progress: status });
    clearStatus();
    tellNeurons(result);
    await present(result, 'neuronPage', flags);
    return;
  }
  const { subject, close } = await openSubject({ kind: 'built-in', backend: flags.backend });
  try {
    const { activation: name, depth, seed, width = 100, sigma = 0.01 } = flags;
    const result = await inspectAlignment(data, { activation: name, depth, seed, width, sigma }, subject);
    tellAlignment(result, flags);
    await present(result, 'alignmentPage', flags);
  } finally {
    close();
  }
}

const digits = (value: number | null) => (value === null ? '–' : Number.isInteger(value) ? String(value) : value.toPrecision(3));

/** A table of some rows of these columns. */
function tellTable(names: readonly string[], columns: readonly (readonly number[])[], rows: number): void {
  const count = columns[0]!.length;
  const width = Math.max(10, ...names.map(({ length }) => length + 2));
  say(names.map((name) => name.padStart(width)).join(''));
  for (const k of evenIndices(count - 1, rows - 1)) {
    say(columns.map((column) => digits(column[k]!).padStart(width)).join(''));
  }
}

function tellAlignment(result: AlignmentInspection, { activation: name, depth }: Flags): void {
  const { n, heldOut, d, m, sigma, time, loss, alignment, kernelNorm, regressionError, warnings } = result;
  say(
    `${counted(n, 'input')} of dimension ${d} (${heldOut} held out), ${m} ${name} units in each of ${depth} hidden layers, σ ${sigma}`,
  );
  tellTable(['time', 'loss', 'alignment', 'kernel norm'], [time, loss, alignment, kernelNorm], 9);
  say(alignmentAnswer(result).sentence);
  if (regressionError) {
    const { finalKernel, initialKernel } = regressionError;
    say(
      `on the held-out inputs regression with the final kernel errs by ${digits(finalKernel)}, with the initial one by ${digits(initialKernel)}`,
    );
  }
  for (const warning of warnings) say(`warning: ${warning}`);
}

function tellNeurons(result: NeuronInspection): void {
  const { n, d, h, epsilon, coherence, incoherent, alignmentTime, smallNormsTime, lastChange, time, warnings } = result;
  const { positive, negative, dead, unsettled, loss, stableRank } = result;
  say(`${counted(n, 'input')} of dimension ${d}, ${h} neurons, ε ${epsilon}`);
  say(
    `coherence μ ${digits(coherence)}; predicted: aligned by t₁ = ${digits(alignmentTime)}, norms small until T = ${digits(smallNormsTime)}`,
  );
  for (const { i, j, cosine } of incoherent) say(`  inputs ${i} and ${j} oppose each other: cos ${digits(cosine)}`);
  tellTable(
    ['time', 'S_+', 'S_-', 'dead', 'unsettled', 'loss', 'stable rank'],
    [time, positive, negative, dead, unsettled, loss, stableRank],
    9,
  );
  say(`the last pattern changed at ${digits(lastChange)}`);
  for (const warning of warnings) say(`warning: ${warning}`);
}

/** The user's network, or a drawn one with symmetric initialization. */
function networkFor({ inputs, labels }: DataSet, flags: Flags): { problem: TwoLayerProblem | LayeredProblem; drawn: boolean } {
  const d = inputs.columns;
  const data = {
    activation: flags.activation,
    inputs,
    labels: labels ?? new Float32Array(inputs.rows),
    freshInputs: { rows: 0, columns: d, data: new Float32Array(0) },
  };
  if (flags.depth > 1 && (flags.firstLayer !== undefined || flags.train !== 'first')) {
    throw new UsageError({
      problem: '--depth draws a network of which all layers are trained',
      expected: 'neither --first-layer nor --train with it',
      hint: 'leave them out',
    });
  }
  if (flags.firstLayer !== undefined && flags.secondLayer !== undefined) {
    if (flags.width !== undefined)
      throw new UsageError({ problem: '--width does not go with --first-layer', hint: 'leave one of them out' });
    const firstLayer = matrixOf(readTable(flags.firstLayer), flags.firstLayer, '--first-layer', d);
    const secondLayer = vectorOf(readTable(flags.secondLayer), flags.secondLayer, firstLayer.rows, '--second-layer');
    return { problem: { ...data, firstLayer, secondLayer }, drawn: false };
  }
  if (flags.firstLayer !== undefined || flags.secondLayer !== undefined) {
    throw new UsageError({
      problem: 'only one layer of the network was given',
      expected: '--first-layer and --second-layer together',
      hint: 'add the other, or draw a network with --width',
    });
  }
  const width = flags.width ?? 2 * d;
  if (flags.depth > 1) {
    const windows = Array.from({ length: flags.depth }, () => null);
    const layers = drawLayers({ inputDimension: d, width, positions: 1, windows }, stream(flags.seed, 'weights'));
    return { problem: { ...data, ...layers, copies: 'difference' }, drawn: true };
  }
  if (width % 2 !== 0)
    throw new UsageError({
      problem: 'unusable --width',
      expected: 'an even number (symmetric initialization pairs the units)',
      found: String(width),
    });
  return { problem: { ...data, ...drawWeights(width, d, 'symmetric', stream(flags.seed, 'weights')) }, drawn: true };
}

function trainedPart({ train, depth }: Flags): string {
  if (depth > 1) return `all of ${depth} hidden layers and the readout`;
  return train === 'both' ? 'both layers' : `the ${train} layer`;
}

function tell({ n, d, m, constants, kernel, training, setting, answer, warnings }: Inspection, flags: Flags): void {
  say(answer.sentence);
  say(
    `${counted(n, 'input')} of dimension ${d}, ${m} units with ${flags.activation}, training ${trainedPart(flags)}; ${setting.parametrisation}, η ${digits(setting.stepSize)}`,
  );
  say(
    `constants: ζ ${digits(constants.zeta)}, ν ${digits(constants.nu)}, ϑ₀ ${digits(constants.theta0)}, ϑ₁ ${digits(constants.theta1)}, ϑ₂ ${digits(constants.theta2)}`,
  );
  say(
    `kernel: ‖Θ − Θ^lin‖ = ${digits(kernel.differenceNorm)}, ${digits(kernel.relative)} of ‖Θ^lin‖ = ${digits(kernel.affineNorm)}`,
  );
  if (kernel.certificate !== null)
    say(`        at most ${digits(kernel.certificate)} for all but 1e-9 of the draws of the weights${vacuous(kernel)}`);
  const count = training.step.length;
  if (count > 0) {
    say('training: step, network loss, linear model loss, mean-square gap, gap relative to the linear model');
    for (const k of evenIndices(count - 1, 4)) {
      const row = [training.networkLoss, training.linearLoss, training.meanSquareGap, training.relativeGap].map((column) =>
        digits(column[k]!).padStart(10),
      );
      say(`  ${String(training.step[k]).padStart(6)} ${row.join(' ')}`);
    }
  }
  for (const warning of warnings) say(`warning: ${warning}`);
}
