import { createRequire } from 'node:module';
import { join } from 'node:path';
import tfjs from '@tensorflow/tfjs-core/package.json' with { type: 'json' };
import { packageRoot, readJson } from './files.js';

function versionOf(manifest: string): string {
  return String((readJson(manifest) as { version: unknown }).version);
}

/** Versions that a verdict depends on. */
export function versions(): { earlytime: string; node: string; fastCheck: string; tfjs: string } {
  const { resolve } = createRequire(import.meta.url);
  return {
    earlytime: versionOf(join(packageRoot, 'package.json')),
    node: process.versions.node,
    fastCheck: versionOf(resolve('fast-check/package.json')),
    tfjs: tfjs.version,
  };
}
