import { defineConfig } from 'vitest/config';

const report = process.env['TEST_REPORT'];

/** What needs more than Node, or more than a minute: real Alertmanager, kills, a browser. One at a time; `.ci/run` runs them. */
export default defineConfig({
  test: {
    include: ['test/{conformance,crash,browser}/**/*.test.ts'],
    fileParallelism: false,
    // Tests that say they may run beside each other wait more than they work.
    maxConcurrency: 4,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    ...(report ? { reporters: ['default', ['json', { outputFile: report }]] } : {}),
  },
});
