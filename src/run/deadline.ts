/** A signal with what holds it. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Lets the process end before the time has passed. */
  release(): void;
}

/**
 * Aborts when `interrupt` does, or after so many seconds (null: never). The timer is held here: Node may collect a timeout that only `AbortSignal.any` refers
 * to, which then never fires.
 */
export function deadline(interrupt: AbortSignal, seconds: number | null): Deadline {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (interrupt.aborted) abort();
  interrupt.addEventListener('abort', abort, { once: true });
  const timer = seconds === null ? undefined : setTimeout(abort, Math.ceil(seconds * 1000));
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      interrupt.removeEventListener('abort', abort);
    },
  };
}
