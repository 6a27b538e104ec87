import { z } from 'zod';
import { marginLosses } from '../math/margin-loss.js';

/**
 * The protocol between the suite and a subject that is a process, version 1: JSON Lines on stdin (requests) and stdout (replies), one request at a time. Arrays are .npy
 * files, float32 or float64, in a directory that the suite makes; messages name them without a path. The end of stdin ends the subject.
 */
export const PROTOCOL = 1;

/** Longest line and longest string of a reply, in characters. */
export const MAX_LINE = 1 << 20;
const MAX_NAME = 200;
const MAX_MESSAGE = 10_000;

const id = z.number().int().min(0);
const file = z
  .string()
  .max(MAX_NAME)
  .regex(/^[A-Za-z0-9_-]+\.npy$/)
  .describe('a file in the directory of the run');

export const capabilities = ['tangent-kernel', 'predict', 'train', 'fresh-outputs', 'unequal-steps', 'train-neurons'] as const;
export type ProtocolCapability = (typeof capabilities)[number];

const names = z.array(z.string().max(MAX_NAME)).max(1000);

const problem = z
  .object({
    activation: z.string().describe('erf, tanh, sigmoid, softplus, gelu, relu, abs or leaky-relu:a'),
    inputs: file.describe('X, n×d'),
    labels: file.describe('y, n'),
    first_layer: file.describe('W, m×d'),
    second_layer: file.describe('v, m'),
  })
  .strict();
const layers = z.enum(['first', 'second', 'both']).describe('the trained layers');

const stepSizes = z.object({ first: z.number(), second: z.number() }).strict();
const record = z
  .array(z.number().int().min(0))
  .min(1)
  .readonly()
  .describe('numbers of steps, ascending, after which outputs are wanted');

const neurons = z
  .object({
    inputs: file.describe('x, n×d'),
    labels: file.describe('y = ±1, n'),
    first_layer: file.describe('w, h×d'),
    second_layer: file.describe('v, h'),
  })
  .strict()
  .describe('f(x) = Σ_j v_j relu(w_j·x), without any factor');

const request = z.discriminatedUnion('method', [
  z.object({ id, method: z.literal('hello'), protocol: z.literal(PROTOCOL), directory: z.string() }).strict(),
  z.object({ id, method: z.literal('tangent-kernel'), problem, layers }).strict(),
  z.object({ id, method: z.literal('predict'), problem, at: file.describe("inputs, n'×d") }).strict(),
  z
    .object({
      id,
      method: z.literal('train'),
      problem,
      layers,
      step_sizes: stepSizes.describe('η of W and of v, in steps of gradient descent'),
      record,
      fresh: file.nullable().describe("further inputs n'×d, or null"),
    })
    .strict(),
  z
    .object({
      id,
      method: z.literal('train-neurons'),
      problem: neurons,
      loss: z.enum(marginLosses).describe('L = Σ_i ℓ(y_i f(x_i)), ℓ(z) = e^{−z} or 2 ln(1 + e^{−z})'),
      step_sizes: stepSizes.describe('η of w and of v: w ← w − η ∂L/∂w, with no 1/n'),
      record,
      fresh: file.describe("further inputs n'×d, of which there may be none"),
    })
    .strict(),
]);

/** What a subject says of itself. */
export const helloResult = z.object({
  protocol: z.literal(PROTOCOL),
  name: z.string().min(1).max(MAX_NAME),
  version: z.string().max(MAX_NAME),
  dtype: z.enum(['float32', 'float64']).describe('the precision it computes in'),
  capabilities: z.array(z.enum(capabilities)).max(capabilities.length),
  activations: z.array(z.string().max(MAX_NAME)).max(100).optional().describe('those that it knows; all where left out'),
  looked_for: names.optional().describe('the methods that its kit looks for'),
  attributes: names.optional().describe('the public names that it has, by which a misspelt method is found'),
});
export const kernelResult = z.object({ kernel: file.describe('Θ, n×n') });
export const predictResult = z.object({ outputs: file.describe("f, n'") });
export const trainResult = z.object({
  outputs: file.describe('len(record)×n'),
  fresh_outputs: file.optional().describe("len(record)×n', where fresh was given"),
});

export const trainNeuronsResult = z.object({
  outputs: file.describe('len(record)×n'),
  fresh_outputs: file.describe("len(record)×n'"),
  first_layer: file.describe('w after the last step, h×d'),
  second_layer: file.describe('v after the last step, h'),
});

const reply = z.discriminatedUnion('ok', [
  z.object({
    id,
    ok: z.literal(true),
    result: z.union([helloResult, kernelResult, predictResult, trainNeuronsResult, trainResult]),
  }),
  z.object({ id, ok: z.literal(false), error: z.string().max(MAX_MESSAGE) }),
]);

/** The frame of any reply; its result is checked against the request. */
export const replyFrame = z.discriminatedUnion('ok', [
  z.object({ id, ok: z.literal(true), result: z.unknown() }),
  z.object({ id, ok: z.literal(false), error: z.string().max(MAX_MESSAGE) }),
]);

export type Request = z.infer<typeof request>;
export type Hello = z.infer<typeof helloResult>;
export const requestSchema = request;

/** The JSON Schema of both directions, as `$defs` request and reply. */
export function protocolSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `earlytime subject protocol, version ${PROTOCOL}`,
    $defs: {
      request: z.toJSONSchema(request, { io: 'input' }),
      reply: z.toJSONSchema(reply, { io: 'input' }),
    },
  };
}
