import { defineConfig } from 'vitest/config';

/** Where a JSON report is wanted, beside what a person reads. */
const report = process.env['TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/{conformance,browser,bench,crash}/**'],
    testTimeout: 20_000,
    ...(report ? { reporters: ['default', ['json', { outputFile: report }]] } : {}),
  },
});
