import { defineConfig } from '../../../lib/config.ts';

/** Checks follow each other so fast that a test can watch a recovery; nothing resolves itself while it looks. */
export default defineConfig({
  services: [{ name: 'mistral-api', environment: 'production', models: ['mistral-small-latest'] }],
  mayMitigate: { users: [], groups: ['S0ONCALL'] },
  intervals: {
    recheckMs: 500,
    limitedRecheckMs: 500,
    routineMs: 1_000,
    quietMs: 600_000,
    reopenWithinMs: 600_000,
    probeDeadlineMs: 5_000,
  },
});
