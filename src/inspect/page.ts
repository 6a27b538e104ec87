import type { Series } from '../claim/claim.js';
import { curves } from '../report/claim-section.js';
import { htmlDocument } from '../report/document.js';
import { html, type Markup } from '../report/html.js';
import { versions } from '../support/versions.js';
import { significant } from '../support/words.js';
import { type AlignmentInspection, alignmentAnswer } from './alignment.js';
import type { Answer } from './answer.js';
import { type Inspection, vacuous } from './inspect.js';
import type { NeuronInspection } from './neurons.js';

/** What a page of an inspection shows. */
interface Content {
  readonly question: string;
  readonly answer: Answer;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly figures: readonly { readonly series: Series; readonly caption: string }[];
  readonly warnings: readonly string[];
}

function inspectionPage({ question, answer, facts, figures, warnings }: Content, command: string): string {
  const header = html`<h1>${question}</h1><p class="banner ${answer.standing}">${answer.sentence}</p>`;
  const cautions: Markup | false =
    warnings.length > 0 && html`<h2>Warnings</h2><ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`;
  const main = html`<h2>At a glance</h2>
<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}<dt>Again</dt><dd><code>${command}</code></dd></dl>
${cautions}
<h2>Over time</h2>
${figures.map(({ series, caption }) => curves(series, caption, caption))}`;
  return htmlDocument(`earlytime inspect: ${question}`, header, main, versions());
}

function trainingFigures({ step, networkLoss, linearLoss, meanSquareGap }: Inspection['training']): Content['figures'] {
  if (step.length === 0) return [];
  const shown = { 'loss of the network': networkLoss, 'loss of the linear model': linearLoss, 'mean-square gap': meanSquareGap };
  return [
    {
      series: { over: 'step', at: step, scale: 'log', curves: shown },
      caption: 'Losses of the network and of its linear model, and the mean-square gap between their outputs',
    },
  ];
}

/** The page of `inspect`: kernel difference, certificate, and agreement with the linear model. */
export function trainingPage(inspection: Inspection, command: string): string {
  const { n, d, m, constants, kernel, training, setting, answer, warnings } = inspection;
  return inspectionPage(
    {
      question: 'Will the network start out linear?',
      answer,
      facts: [
        ['Data and network', `${n} inputs of dimension ${d}, ${m} units with ${setting.activation}, ${setting.parametrisation}`],
        [
          'Training',
          `${setting.trained === 'both' ? 'all layers' : `the ${setting.trained} layer`}, step size η = ${significant(setting.stepSize)}`,
        ],
        [
          'Constants',
          `ζ ${significant(constants.zeta)}, ν ${significant(constants.nu)}, ϑ₀ ${significant(constants.theta0)}, ϑ₁ ${significant(constants.theta1)}, ϑ₂ ${significant(constants.theta2)}`,
        ],
        [
          'Kernel',
          `‖Θ − Θ^lin‖ = ${significant(kernel.differenceNorm)}, ‖Θ‖ = ${significant(kernel.tangentNorm)}, ‖Θ^lin‖ = ${significant(kernel.affineNorm)}`,
        ],
        [
          'Certificate',
          kernel.certificate === null
            ? 'none applies'
            : `‖Θ − Θ^lin‖ ≤ ${significant(kernel.certificate)} for all but 10⁻⁹ of the draws of the weights${vacuous(kernel)}`,
        ],
      ],
      figures: trainingFigures(training),
      warnings,
    },
    command,
  );
}

/** The page of `inspect --alignment`. */
export function alignmentPage(result: AlignmentInspection, command: string): string {
  const { n, heldOut, d, m, sigma, time, loss, alignment, kernelNorm, regressionError, warnings } = result;
  const relative = (values: readonly number[], unit: number) => values.map((value) => value / unit);
  return inspectionPage(
    {
      question: 'Does the kernel align before the network learns?',
      answer: alignmentAnswer(result),
      facts: [
        ['Data and network', `${n} inputs of dimension ${d} and ${heldOut} held out, ${m} units a layer, σ ${sigma}`],
        [
          'Regression',
          regressionError === null
            ? 'no inputs were held out'
            : `on the held-out inputs regression with the final kernel errs by ${significant(regressionError.finalKernel)}, with the initial one by ${significant(regressionError.initialKernel)}`,
        ],
      ],
      figures: [
        {
          series: {
            over: 'time',
            at: time,
            scale: 'linear',
            curves: {
              'loss / initial': relative(loss, loss[0]!),
              'alignment of the kernel': alignment,
              'norm of the kernel / largest': relative(kernelNorm, Math.max(...kernelNorm)),
            },
          },
          caption: 'Loss, alignment of the kernel with the labels, and norm of the kernel',
        },
      ],
      warnings,
    },
    command,
  );
}

/** The page of `inspect --neurons`. */
export function neuronPage(result: NeuronInspection, command: string): string {
  const { n, d, h, epsilon, coherence, incoherent, incoherentPairs, alignmentTime, smallNormsTime, lastChange, time, warnings } =
    result;
  const { positive, negative, dead, unsettled, loss, stableRank } = result;
  return inspectionPage(
    {
      question: 'Do the neurons align while they are small?',
      answer: {
        sentence: `The last activation pattern changed at ${significant(lastChange)}; ${significant(unsettled.at(-1)!)} of ${h} neurons are unsettled at the end.`,
        standing: warnings.length > 0 ? 'caution' : 'good',
      },
      facts: [
        ['Data and network', `${n} inputs of dimension ${d}, ${h} neurons, ε ${epsilon}`],
        [
          'Coherence',
          `μ = ${significant(coherence)}${incoherentPairs > 0 ? `; ${incoherentPairs} pairs of inputs oppose each other, such as ${incoherent.map(({ i, j }) => `${i} and ${j}`).join(', ')}` : ''}`,
        ],
        [
          'Predicted',
          `${alignmentTime === null ? 'no alignment, for the data are not coherent' : `aligned by t₁ = ${significant(alignmentTime)}`}; norms small until T = ${significant(smallNormsTime)}`,
        ],
      ],
      figures: [
        {
          series: {
            over: 'time',
            at: time,
            scale: 'linear',
            overScale: 'log',
            curves: { 'S₊': positive, 'S₋': negative, dead, unsettled },
          },
          caption: 'Neurons in S₊, S₋, S_dead, and in none of them',
        },
        {
          series: { over: 'time', at: time, scale: 'log', overScale: 'log', curves: { loss, 'stable rank': stableRank } },
          caption: 'Loss and stable rank',
        },
      ],
      warnings,
    },
    command,
  );
}
