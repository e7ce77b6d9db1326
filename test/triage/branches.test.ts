import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod/mini';
import { BRANCHES } from '../../lib/domain/branch.ts';
import { BRANCH_FACTS } from '../../lib/triage/branches.ts';

const path = new URL('../../../shared/mistral/branches.json', import.meta.url);

const list = z.object({
  branches: z.array(
    z.strictObject({
      branch: z.string(),
      owner: z.string(),
      severity: z.string(),
      breakerCounts: z.boolean(),
      retryable: z.boolean(),
      useless: z.array(z.string()),
      meaning: z.string(),
    }),
  ),
});

it.skipIf(!existsSync(path))('the facts are those of the published list, in its order', () => {
  const published = list.parse(JSON.parse(readFileSync(path, 'utf8'))).branches;
  const ours = BRANCHES.map((branch) => ({
    branch,
    ...BRANCH_FACTS[branch],
    severity: BRANCH_FACTS[branch].severity ?? '-',
  }));
  expect(ours).toEqual(published);
});
