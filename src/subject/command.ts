/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** Seconds that a program has for an answer unless it is given others. */
export const ANSWER_SECONDS = 120;

/** What a program says that it can do, and the public names of what it serves, for who misspelt one. */
export interface Offers {
  readonly capabilities: readonly string[];
  readonly attributes: readonly string[] | null;
  /** Names that look like methods which are not there: what was found, and what it may have meant. */
  readonly misspelt: readonly (readonly [found: string, meant: string])[];
}
