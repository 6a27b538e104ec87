import { distance } from 'fastest-levenshtein';
import type { MarginLoss } from '../math/margin-loss.js';
import type { DenseMatrix } from '../math/matrix.js';
import type { Vector } from '../models/implementation.js';
import type { StepSizes, TwoLayerModel, WeighedTrajectory } from '../models/two-layer/model.js';
import type { TwoLayerProblem } from '../models/two-layer/problem.js';
import { LimitError, MeasurementError, MissingCapabilityError } from '../support/errors.js';
import { listed } from '../support/words.js';
import { printable } from './child-process.js';
import type { Command, Offers } from './command.js';
import { type Exchange, openExchange, type Turn } from './exchange.js';
import { withoutFactors } from './plain-neurons.js';
import {
  kernelResult,
  type ProtocolCapability,
  predictResult,
  capabilities as protocolCapabilities,
  trainNeuronsResult,
  trainResult,
} from './protocol.js';
import type { Subject } from './subject.js';

/** An open process subject. */
export interface ProcessSubject {
  readonly subject: Subject;
  readonly offers: Offers;
  /** Ends the process and all that it started, and removes its directory. */
  close(): void;
}

const UNIT_ROUNDOFF = { float32: 2 ** -24, float64: 2 ** -53 } as const;
/** Names of a class that an error lists at most. */
const MOST_NAMED = 30;
/** Units in the last place, relative to 1 + |z|, that the activations of a subject may err by. */
const ACTIVATION_ULPS = 16;

/**
 * Starts a program that speaks the protocol (src/subject/protocol.ts) as a subject, which has `seconds` for each answer. Its arguments are passed as given,
 * without a shell; arrays go through a private directory.
 * @throws MeasurementError when it does not start, does not say who it is, or offers nothing.
 */
export async function openProcessSubject(command: Command, seconds: number): Promise<ProcessSubject> {
  const exchange = await openExchange(command, seconds);
  const { name, version, dtype, capabilities, looked_for: lookedFor, attributes = null } = exchange.hello;
  const names = attributes?.map(printable) ?? null;
  const offers: Offers = { capabilities, attributes: names, misspelt: misspelt(lookedFor ?? [], names ?? []) };
  if (capabilities.length === 0) {
    exchange.close();
    throw new MeasurementError({
      problem: `subject '${command[0]}' offers nothing that can be audited`,
      expected: `one of the methods ${listed(lookedFor?.map(printable) ?? [...protocolCapabilities])}`,
      found: offers.attributes ? `a class with ${listed(offers.attributes, MOST_NAMED) || 'no public names'}` : 'no capability',
      hint: 'give a method its right name',
    });
  }
  const unit = UNIT_ROUNDOFF[dtype];
  const has = (capability: ProtocolCapability) => capabilities.includes(capability);
  const subject: Subject = {
    name: `${printable(name)} ${printable(version)}`.trim(),
    backend: 'process',
    device: dtype,
    roundoff: { inputs: 0, accumulator: unit },
    activationError: async () => ({ value: ACTIVATION_ULPS * unit, slope: ACTIVATION_ULPS * unit }),
    twoLayer: {
      ...(has('tangent-kernel') && { tangentKernel: kernelBy(exchange) }),
      ...(has('predict') && { predict: predictionBy(exchange) }),
      ...((has('train') || has('train-neurons')) && { train: trainingBy(exchange) }),
    },
  };
  return { subject, offers, close: exchange.close };
}

/** Slips of the pen that are seen as such: two letters exchanged, one left out or added. */
const SLIPS = 2;

/** Names of the subject that are near to a method which it does not have. */
function misspelt(lookedFor: readonly string[], names: readonly string[]): Offers['misspelt'] {
  const absent = lookedFor.filter((method) => !names.includes(method));
  const plain = (name: string) => name.replaceAll('_', '').toLowerCase();
  return names
    .filter((name) => !lookedFor.includes(name))
    .flatMap((name) => {
      const meant = absent.find((method) => distance(plain(name), plain(method)) <= SLIPS);
      return meant === undefined ? [] : [[name, printable(meant)] as const];
    });
}

/** One turn about a problem. @throws LimitError when the program does not know its activation. */
async function about<T>({ hello, turn }: Exchange, { activation }: TwoLayerProblem, act: (turn: Turn) => Promise<T>): Promise<T> {
  const known = hello.activations;
  if (known && !known.some((name) => activation === name || activation.startsWith(`${name}:`))) {
    throw new LimitError(`the subject has no activation ${activation}`);
  }
  return turn(act);
}

function putMatrix({ put }: Turn, name: string, { rows, columns, data }: DenseMatrix): string {
  return put(name, { shape: [rows, columns], data });
}

function putProblem(turn: Turn, { activation, inputs, labels, firstLayer, secondLayer }: TwoLayerProblem) {
  return {
    activation,
    inputs: putMatrix(turn, 'inputs', inputs),
    labels: turn.put('labels', { shape: [labels.length], data: labels }),
    first_layer: putMatrix(turn, 'first_layer', firstLayer),
    second_layer: turn.put('second_layer', { shape: [secondLayer.length], data: secondLayer }),
  };
}

function kernelBy(exchange: Exchange): Required<TwoLayerModel>['tangentKernel'] {
  return (problem, layers) =>
    about(exchange, problem, async (turn) => {
      const n = problem.inputs.rows;
      const { kernel } = await turn.ask({ method: 'tangent-kernel', problem: putProblem(turn, problem), layers }, kernelResult);
      return { rows: n, columns: n, data: turn.take(kernel, [n, n]) };
    });
}

function predictionBy(exchange: Exchange): Required<TwoLayerModel>['predict'] {
  return (problem, inputs) =>
    about(exchange, problem, async (turn) => {
      const message = { method: 'predict', problem: putProblem(turn, problem), at: putMatrix(turn, 'at', inputs) } as const;
      const { outputs } = await turn.ask(message, predictResult);
      return turn.take(outputs, [inputs.rows]);
    });
}

function trainingBy(exchange: Exchange): Required<TwoLayerModel>['train'] {
  return async (problem, steps, record) => {
    if (problem.loss !== undefined) return trainedNeurons(exchange, problem, problem.loss, steps, record);
    const layers = trainable(problem, steps, exchange);
    return about(exchange, problem, async (turn) => {
      const { inputs, freshInputs } = problem;
      const fresh = freshInputs.rows > 0 ? putMatrix(turn, 'fresh', freshInputs) : null;
      const message = { method: 'train', problem: putProblem(turn, problem), layers, step_sizes: steps, record, fresh } as const;
      const wanted = fresh === null ? trainResult : trainResult.required({ fresh_outputs: true });
      const result = await turn.ask(message, wanted);
      return {
        outputs: rowsOf(turn.take(result.outputs, [record.length, inputs.rows]), record.length),
        freshOutputs:
          fresh === null ? [] : rowsOf(turn.take(result.fresh_outputs!, [record.length, freshInputs.rows]), record.length),
      };
    });
  };
}

/** Training on a margin loss, of neurons without factors. */
async function trainedNeurons(
  exchange: Exchange,
  given: TwoLayerProblem,
  loss: MarginLoss,
  stepSizes: StepSizes,
  record: readonly number[],
): Promise<WeighedTrajectory<Vector>> {
  const { inputs, labels, freshInputs } = given;
  const { firstLayer, secondLayer, steps, withFactors } = withoutFactors(given, stepSizes);
  need(exchange, 'train-neurons');
  if (steps.first !== steps.second) need(exchange, 'unequal-steps');
  return exchange.turn(async (turn) => {
    const problem = {
      inputs: putMatrix(turn, 'inputs', inputs),
      labels: turn.put('labels', { shape: [labels.length], data: labels }),
      first_layer: putMatrix(turn, 'first_layer', firstLayer),
      second_layer: turn.put('second_layer', { shape: [secondLayer.length], data: secondLayer }),
    };
    const fresh = putMatrix(turn, 'fresh', freshInputs);
    const message = { method: 'train-neurons', problem, loss, step_sizes: steps, record, fresh } as const;
    const found = await turn.ask(message, trainNeuronsResult);
    const rows = (file: string, columns: number) => rowsOf(turn.take(file, [record.length, columns]), record.length);
    const w = turn.take(found.first_layer, [firstLayer.rows, firstLayer.columns]);
    return {
      outputs: rows(found.outputs, labels.length),
      freshOutputs: rows(found.fresh_outputs, freshInputs.rows),
      ...withFactors(w, turn.take(found.second_layer, [secondLayer.length])),
    };
  });
}

/** @throws MissingCapabilityError when the program does not offer it. */
function need({ hello }: Exchange, capability: ProtocolCapability): void {
  if (!hello.capabilities.includes(capability)) throw new MissingCapabilityError(capability, 'in training');
}

/** The layers that are trained. @throws MissingCapabilityError when the program does not offer such a training. */
function trainable({ freshInputs }: TwoLayerProblem, steps: StepSizes, exchange: Exchange): 'first' | 'second' | 'both' {
  need(exchange, 'train');
  if (freshInputs.rows > 0) need(exchange, 'fresh-outputs');
  if (steps.second === 0) return 'first';
  if (steps.first === 0) return 'second';
  if (steps.first !== steps.second) need(exchange, 'unequal-steps');
  return 'both';
}

function rowsOf(data: Vector, rows: number): Vector[] {
  const length = data.length / rows;
  return Array.from({ length: rows }, (_, k) => data.subarray(k * length, (k + 1) * length));
}
