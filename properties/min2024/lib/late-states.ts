import type { Laboratory } from '../../../src/claim/claim.js';
import { bothClassesGrown, type NeuronProblem } from '../../../src/models/relu-neurons/problem.js';
import { neuronFlow } from '../../../src/models/relu-neurons/reference.js';
import { checkedNeurons } from '../../../src/models/relu-neurons/roundoff.js';

/** A run through the fall of the loss, with the subject's states from t₂ on and their times since. */
export async function lateStates(problem: NeuronProblem, ends: readonly number[], { subject }: Laboratory) {
  const flow = neuronFlow(problem);
  flow.run(1e12, bothClassesGrown(problem));
  const first = flow.steps.length;
  const start = flow.state().time;
  const marks = ends.map((end) => {
    flow.run(start + end);
    return flow.steps.length;
  });
  const record = Array.from({ length: flow.steps.length - first + 1 }, (_, k) => first + k);
  const checked = await checkedNeurons(problem, flow, record, subject);
  return { ...checked, start, marks: marks.map((mark) => mark - first) };
}
