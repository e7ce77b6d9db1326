import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Where a JSON report is wanted, beside what a person reads. */
const report = process.env['TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/{conformance,browser,bench,crash}/**'],
    testTimeout: 20_000,
    // Most of the time of a file of its own went into loading the same modules again. No module keeps state that a test could leave behind.
    isolate: false,
    // Left alone it leaves one core idle. Much of a test here is waiting for a process or a socket, so two to a core.
    maxWorkers: 2 * availableParallelism(),
    ...(report ? { reporters: ['default', ['json', { outputFile: report }]] } : {}),
  },
});
