// Compiles the numeric kernels from AssemblyScript to WebAssembly, into dist.
import { main } from 'assemblyscript/asc';

const modules = ['float32', 'float64'];
// AS112 warns of vectors in functions that only other functions of the module call.
const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory', '--disableWarning', '112'];

for (const name of modules) {
  const { error, stderr } = await main([`src/assembly/${name}/index.ts`, '-o', `dist/src/assembly/${name}.wasm`, ...options]);
  process.stderr.write(stderr.toString());
  if (error) process.exit(1);
}
