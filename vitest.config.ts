import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/{conformance,browser,bench,crash}/**'],
    testTimeout: 20_000,
  },
});
