import { defineConfig } from 'vitest/config';
import { optionalFiles, processFiles } from './coverage.js';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'properties/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Much of their time they wait for processes.
    maxWorkers: '100%',
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['**/*.test.ts', 'src/testing/**', 'src/assembly/**', ...processFiles, ...optionalFiles],
      reporter: ['text', 'json-summary'],
      reportsDirectory: 'coverage/in-process',
      thresholds: { lines: 90, branches: 90 },
    },
  },
});
