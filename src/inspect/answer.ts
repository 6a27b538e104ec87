import { significant } from '../support/words.js';

/** What an inspection says at its head, and how bad that is: `caution` where the theorem says nothing of such data or weights. */
export interface Answer {
  readonly sentence: string;
  readonly standing: 'good' | 'caution' | 'bad';
}

/** What the answer is made of. */
interface Trained {
  readonly kernel: { readonly relative: number };
  readonly training: {
    readonly step: readonly number[];
    readonly networkLoss: readonly number[];
    readonly meanSquareGap: readonly number[];
  };
  readonly setting: { readonly stepSize: number; readonly tolerance: number; readonly signal: number };
  readonly warnings: readonly string[];
}

const percent = (part: number) => `${significant(100 * part)} %`;
/** A loss above so many times its value at f = 0 is one that diverges. */
const DIVERGED = 2;

/** How long the network stays as near to its linear model as the tolerance asks, by the first recorded step at which it does not. */
export function trainingAnswer({ kernel, training, setting, warnings }: Trained): Answer {
  const { stepSize, tolerance, signal } = setting;
  const { step, meanSquareGap, networkLoss } = training;
  if (step.length === 0) {
    const sentence = `The kernel differs from that of a linear model by ${significant(kernel.relative)} of its norm; without labels nothing was trained.`;
    return { sentence, standing: 'caution' };
  }
  const at = `at step size ${significant(stepSize)}`;
  const to = `to ${percent(tolerance)} of the signal`;
  const diverged = networkLoss.findIndex((loss) => !(loss <= (DIVERGED * signal) / 2));
  if (diverged >= 0) {
    const sentence = `No: the network diverges ${at}, its loss is ${significant(networkLoss[diverged]!)} after step ${step[diverged]}. Take a smaller --step.`;
    return { sentence, standing: 'bad' };
  }
  const parts = meanSquareGap.map((gap) => gap / signal);
  const worst = parts.reduce((most, part, k) => (part > parts[most]! ? k : most), 0);
  const gone = parts.findIndex((part) => !(part <= tolerance));
  const largest = `the largest gap in mean square is ${percent(parts[worst]!)}, after step ${step[worst]}`;
  if (gone === 0) return { sentence: `No: not linear ${to}, from step ${step[0]} on, ${at}; ${largest}.`, standing: 'bad' };
  const last = gone < 0 ? step.at(-1)! : step[gone - 1]!;
  const time = `(t = ${significant(last * stepSize)}) ${at}, ${to}`;
  const sentence =
    gone < 0 ? `Yes: linear in all ${last} steps ${time}; ${largest}.` : `Linear until step ${last} ${time}; ${largest}.`;
  return { sentence, standing: warnings.length > 0 ? 'caution' : 'good' };
}
