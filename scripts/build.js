// Builds `dist`: the package as bundles, for loading a thousand small files takes longer than most cases; its declarations; the numeric kernels, from AssemblyScript;
// and the programs of bench, fixtures and scripts.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { main as compileAssembly } from 'assemblyscript/asc';
import { build } from 'esbuild';

/** What is loaded from node_modules at run time: what a user's claims share with the package, what has files of its own, and what may be missing. */
const external = ['fast-check', 'tinypool', 'vitest', 'webgpu', '@tensorflow/tfjs-node-gpu'];

/** CommonJS inside a bundle of ES modules asks for these. */
const commonJs = [
  "import { createRequire as nodeCreateRequire } from 'node:module';",
  "import { dirname as nodeDirname } from 'node:path';",
  "import { fileURLToPath as nodeFileURLToPath } from 'node:url';",
  'const require = nodeCreateRequire(import.meta.url);',
  'const __filename = nodeFileURLToPath(import.meta.url);',
  'const __dirname = nodeDirname(__filename);',
].join(' ');

/** Bundles these modules, which share what they have in common. Returns the files that went in. */
async function bundle(entryPoints, chunks) {
  const { metafile } = await build({
    entryPoints,
    outdir: 'dist',
    outbase: '.',
    chunkNames: `${chunks}/[name]-[hash]`,
    external,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    banner: { js: commonJs },
    metafile: true,
    logLevel: 'warning',
  });
  for (const map of Object.keys(metafile.outputs).filter((file) => file.endsWith('.map'))) placeSources(map);
  return Object.keys(metafile.inputs);
}

/** Source maps are not shipped; c8 takes relative paths in them for files outside the project. */
function placeSources(map) {
  const content = JSON.parse(readFileSync(map, 'utf8'));
  writeFileSync(map, JSON.stringify({ ...content, sources: content.sources.map((file) => resolve(dirname(map), file)) }));
}

/** The licences of the packages that those files are from. */
function licences(files) {
  const folders = new Set(files.flatMap((file) => file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []));
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : '';
    return `${name} ${version}, ${license}\n\n${text}`.trim();
  });
}

async function assemble(name) {
  // AS112 warns of vectors in functions that only other functions of the module call.
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory', '--disableWarning', '112'];
  const { error, stderr } = await compileAssembly([
    `src/assembly/${name}/index.ts`,
    '-o',
    `dist/src/assembly/${name}.wasm`,
    ...options,
  ]);
  process.stderr.write(stderr.toString());
  if (error) process.exit(1);
}

rmSync('dist', { recursive: true, force: true });
execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit', shell: process.platform === 'win32' });
const shipped = await bundle(['src/cli.ts', 'src/index.ts', 'src/vitest.ts', 'src/run/worker.ts'], 'src/chunks');
writeFileSync('dist/LICENSES.txt', `What is bundled here, with its licences.\n\n${licences(shipped).join('\n\n---\n\n')}\n`);
const programs = ['bench', 'fixtures/subjects'].flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)));
await bundle(
  [...programs, 'scripts/claims.ts'].filter((file) => file.endsWith('.ts')),
  'bench/chunks',
);
for (const name of ['float32', 'float64']) await assemble(name);
const tfjs = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
mkdirSync('dist/src/tfjs');
for (const file of readdirSync(tfjs).filter((name) => name.endsWith('.wasm')))
  copyFileSync(join(tfjs, file), join('dist/src/tfjs', file));
chmodSync('dist/src/cli.js', 0o755);
