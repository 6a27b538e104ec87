import { join } from 'node:path';
import type { Command } from 'commander';
import { packageRoot } from '../support/files.js';
import { sayWhole } from './output.js';

export function addPythonKit(program: Command): void {
  program
    .command('python-kit')
    .description('print where the Python kit lies, for pip install "$(npx earlytime python-kit)"')
    .action(() => sayWhole(join(packageRoot, 'adapters', 'python')));
}
