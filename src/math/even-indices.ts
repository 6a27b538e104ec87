/** Whole numbers from 0 to `last`, about evenly spaced, at most `parts` + 1 of them and both ends among them. */
export function evenIndices(last: number, parts: number): number[] {
  return [...new Set(Array.from({ length: parts + 1 }, (_, k) => Math.round((k * last) / parts)))];
}
