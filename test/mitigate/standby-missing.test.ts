import { expect, it } from 'vitest';
import { planMitigations } from '../../lib/mitigate/plan.ts';

it.each([
  ['aws', /^No standby key is kept in shop\/mistral: .*store it there as the standby version/],
  ['local', /^There is no standby key: .*set MISTRAL_STANDBY_KEY to it and start the bot again/],
  ['embedded', /^The embedded Mistral has no standby key left: .*STATE_DIR/],
  [undefined, /shop\/mistral/],
] as const)('a missing standby key is told by where the keys live: %s', (keysLiveIn, expected) => {
  const refused = { verdict: 'problem', branch: 'auth.invalid_key' } as const;
  const where = keysLiveIn === undefined ? {} : { keysLiveIn };
  const { notOffered } = planMitigations(refused, { standby: 'absent', secretId: 'shop/mistral', ...where });
  expect(notOffered.find(({ lacks }) => lacks === 'standby')?.why).toMatch(expected);
});
