/** What went wrong, in the order in which a reader needs it. */
export interface Complaint {
  readonly problem: string;
  readonly expected?: string;
  readonly found?: string;
  readonly hint?: string;
}

function sentence({ problem, expected, found, hint }: Complaint): string {
  const parts = [problem];
  if (expected !== undefined) parts.push(`expected: ${expected}`);
  if (found !== undefined) parts.push(`found: ${found}`);
  if (hint !== undefined) parts.push(`what to do: ${hint}`);
  return parts.join('\n  ');
}

/** The user asked for something that cannot be done as asked (exit 2). */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  constructor(complaint: Complaint) {
    super(sentence(complaint));
  }
}

/** A backend or subject could not deliver a trustworthy number (the case is `unmeasured`; exit 4 when nothing could be judged). */
export class MeasurementError extends Error {
  override readonly name = 'MeasurementError';
  constructor(complaint: Complaint) {
    super(sentence(complaint));
  }
}

/** The subject does not offer what a case needs: reported as missing, never as refuted. */
export class MissingCapabilityError extends MeasurementError {
  constructor(capability: string, what = '') {
    super({ problem: `the subject lacks the capability '${capability}' ${what}`.trimEnd() });
  }
}

/** The subject's arithmetic cannot carry the case, however correct the subject: it is `inapplicable` there, never judged more loosely. */
export class InapplicableError extends Error {
  override readonly name = 'InapplicableError';
}

/** The case asks for what the subject says it does not know, as an activation: `inapplicable` too, and nothing is said of the subject. */
export class LimitError extends InapplicableError {}

/** A subject computed something else than the float64 reference, beyond rounding: not one more of its cases can be trusted. */
export class DisagreementError extends MeasurementError {}

/** The message of anything thrown, or of the plain object that a worker process sends in its place. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}

/** Whether an import failed since there is no such package. */
export function missing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'ERR_MODULE_NOT_FOUND';
}
