import type { Job } from './schedule.js';

const PERIOD = 200;

/** One line on stderr that shows how far a run is; silent when stderr is not a terminal. */
export function progressLine(stream: NodeJS.WriteStream = process.stderr): { update(jobs: readonly Job[]): void; clear(): void } {
  if (!stream.isTTY) return { update: () => {}, clear: () => {} };
  let last = Number.NEGATIVE_INFINITY;
  return {
    update: (jobs) => {
      const now = performance.now();
      if (now - last < PERIOD) return;
      last = now;
      const settled = jobs.filter(({ trial }) => trial.settled()).length;
      const cases = jobs.reduce((sum, { judged }) => sum + judged, 0);
      const current = jobs.find(({ trial }) => !trial.settled());
      const name = current ? `${current.claim.id}${current.control ? ` / ${current.control}` : ''}` : '';
      const text = `${settled} of ${jobs.length} tests settled, ${cases} cases  ${name}`;
      stream.write(`\r\u001b[K${text.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
    },
    clear: () => stream.write('\r\u001b[K'),
  };
}
