// Compiles the numeric kernels from AssemblyScript to WebAssembly, into dist.
import { main } from 'assemblyscript/asc';

const modules = [
  ['src/linear-algebra/assembly/float64.ts', 'dist/src/linear-algebra/float64.wasm'],
  ['src/backend/assembly/float32.ts', 'dist/src/backend/float32.wasm'],
];
// AS112 warns of vectors in functions that only other functions of the module call.
const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory', '--disableWarning', '112'];

for (const [source, target] of modules) {
  const { error, stderr } = await main([source, '-o', target, ...options]);
  process.stderr.write(stderr.toString());
  if (error) process.exit(1);
}
