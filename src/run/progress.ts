import { counted } from '../support/words.js';
import type { Job } from './schedule.js';

/** How far a run is, in one line: tests settled, cases, time spent and left. The time left is of the cases that are sure to be needed, as long as those were that are done. */
export function progressText(now: () => number = () => performance.now()): (jobs: readonly Job[], workers: number) => string {
  const start = now();
  return (jobs, workers) => {
    const settled = jobs.filter(({ trial }) => trial.settled()).length;
    const records = jobs.flatMap(({ cases }) => cases);
    const spent = records.reduce((sum, { seconds }) => sum + seconds, 0);
    const mean = (job: Job) =>
      job.cases.length > 0
        ? job.cases.reduce((sum, { seconds }) => sum + seconds, 0) / job.cases.length
        : spent / Math.max(1, records.length);
    const left = jobs.reduce((sum, job) => sum + job.trial.fewest() * mean(job), 0) / workers;
    const current = jobs.find(({ trial }) => !trial.settled());
    const name = current ? `${current.claim.id}${current.control ? ` / ${current.control}` : ''}` : '';
    const estimate = records.length === 0 ? '' : `, about ${clock(left)} left`;
    return `${settled} of ${counted(jobs.length, 'test')} settled, ${counted(records.length, 'case')}, ${clock((now() - start) / 1000)}${estimate}  ${name}`;
  };
}

/** m:ss */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
