/** A number with three significant digits. */
export function significant(value: number | null, digits = 3): string {
  if (value === null) return '–';
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(digits))) : exponential(value, digits);
}

/** 5.73e9, not 5.73e+9. */
function exponential(value: number, digits: number): string {
  return value.toExponential(digits - 1).replace(/\.?0*e\+?/, 'e');
}

/** A number of things: 1 claim, 2 claims. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** Things in a row: a, b and c; of more than `most` the first ones and how many there are besides. */
export function listed(items: readonly string[], most = Number.POSITIVE_INFINITY): string {
  if (items.length > most) return `${items.slice(0, most).join(', ')} and ${items.length - most} more`;
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
