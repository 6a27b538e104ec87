/** The bytes of a .npy file, for tests. */
export function npyBytes(
  data: Float32Array | Float64Array | Int32Array,
  shape: readonly number[],
  { descr = data instanceof Float64Array ? '<f8' : '<f4', fortran = false, version = 1 } = {},
): Buffer {
  const list = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${list}), }`;
  const lengthBytes = version === 1 ? 2 : 4;
  const padded = `${text.padEnd(Math.ceil((text.length + 1 + 8 + lengthBytes) / 64) * 64 - 9 - lengthBytes)}\n`;
  const head = Buffer.alloc(8 + lengthBytes);
  head.write('\u0093NUMPY', 'latin1');
  head[6] = version;
  if (version === 1) head.writeUInt16LE(padded.length, 8);
  else head.writeUInt32LE(padded.length, 8);
  return Buffer.concat([head, Buffer.from(padded, 'latin1'), Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}
