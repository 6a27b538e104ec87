import { linkSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { messageOf, UsageError } from '../support/errors.js';

/** Who holds a folder. A process is told from a later one with its number by when it started, and from one elsewhere by its system. */
interface Holder {
  /** Host, and where it can be known boot and process namespace: where process numbers mean the same. */
  readonly system: string;
  readonly host: string;
  readonly pid: number;
  /** Start of the process in the system's clock ticks; null where it cannot be known. */
  readonly started: string | null;
}

/** A folder that is held for this process until it is released. */
export interface Lock {
  /** @throws UsageError when another process has taken the folder over. */
  assertHeld(): void;
  release(): void;
}

/** Milliseconds between two signs of life, and after how many without one a holder that cannot be looked at counts as gone. */
const HEARTBEAT = 5_000;
const SILENCE = 60_000;

/** Holds a folder by a file in it. `out` is how errors name the folder. @throws UsageError when another process that lives holds it. */
export function lock(out: string, file: string): Lock {
  const own = JSON.stringify(holderOf(process.pid));
  for (let attempt = 0; !taken(file, own); attempt++) {
    const [text, age] = [readOr(file), ageOf(file)];
    if (text === null || age === null) continue;
    const other = parsed(text);
    if (attempt > 0 || isAlive(other, age)) throw held(out, file, other, age);
    putAside(file, text);
  }
  const heart = setInterval(() => {
    if (readOr(file) === own) utimesSync(file, new Date(), new Date());
  }, HEARTBEAT);
  heart.unref();
  return {
    assertHeld: () => {
      if (readOr(file) === own) return;
      throw new UsageError({
        problem: `another run has taken '${out}' over, for this one gave no sign of life`,
        hint: 'choose another folder with --out, and begin again',
      });
    },
    release: () => {
      clearInterval(heart);
      if (readOr(file) === own) rmSync(file, { force: true });
    },
  };
}

/** Writes the file in one step, unless it is there: a reader never sees half of it. */
function taken(file: string, text: string): boolean {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, text);
  try {
    linkSync(mine, file);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    return takenWithoutLinks(file, text);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** The same where the file system has no hard links. */
function takenWithoutLinks(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

/** Removes the lock of a process that is gone; should it be another's by now, puts it back. */
function putAside(file: string, text: string): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readFileSync(aside, 'utf8') !== text) linkSync(aside, file);
  } catch {
    // Another process was quicker.
  } finally {
    rmSync(aside, { force: true });
  }
}

function holderOf(pid: number): Holder {
  return { system: system(), host: hostname(), pid, started: startOf(pid) };
}

function system(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** Field 22 of /proc/<pid>/stat; the name in field 2 may hold spaces and parentheses. */
function startOf(pid: number): string | null {
  const stat = readOr(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

/** Whether the holder lives: looked at where it runs on this system, else told from its last sign of life. */
function isAlive(other: Holder | null, age: number): boolean {
  if (other === null || other.system !== system()) return age < SILENCE;
  try {
    process.kill(other.pid, 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const started = startOf(other.pid);
  return started === null || other.started === null ? age < SILENCE : started === other.started;
}

function held(out: string, file: string, other: Holder | null, age: number): UsageError {
  const seconds = Math.round(age / 1000);
  return new UsageError({
    problem: `another run writes into '${out}'`,
    found: `${other ? `process ${other.pid} on ${other.host}` : 'a lock of another form'}, whose last sign of life is ${seconds} s old`,
    hint: `wait for its end, or choose another folder with --out; if there is no such run, remove ${file}`,
  });
}

function parsed(text: string): Holder | null {
  try {
    const { system: of, host, pid, started } = JSON.parse(text) as Partial<Holder>;
    const whole = typeof of === 'string' && typeof host === 'string' && Number.isInteger(pid) && pid! > 0;
    return whole ? { system: of, host, pid: pid!, started: started ?? null } : null;
  } catch {
    return null;
  }
}

/** Milliseconds since the last sign of life, by the clock of the folder's file system; null when the file is gone. */
function ageOf(file: string): number | null {
  const probe = `${file}.clock.${process.pid}`;
  try {
    const { mtimeMs } = statSync(file);
    writeFileSync(probe, '');
    return Math.max(0, statSync(probe).mtimeMs - mtimeMs);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(messageOf(cause));
  } finally {
    rmSync(probe, { force: true });
  }
}

function readOr(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
