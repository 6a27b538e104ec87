/** The output at which a class counts as grown: t₂ is when the later of the two exceeds it. */
const GROWN = 0.25;

/** t₂ from the largest output of each class at these times: between the two around it, for outputs grow exponentially; the first of them where it is later. */
export function crossingTime(times: readonly number[], largest: (k: number, sign: number) => number): number {
  const each = [1, -1].map((sign) => {
    const k = times.findIndex((_, at) => largest(at, sign) > GROWN);
    if (k <= 0) return times[0]!;
    const [low, high] = [largest(k - 1, sign), largest(k, sign)];
    return times[k - 1]! + ((times[k]! - times[k - 1]!) * Math.log(GROWN / low)) / Math.log(high / low);
  });
  return Math.max(...each);
}
