import { expect, it } from 'vitest';
import { isTrouble } from '../../lib/probes/trouble.ts';

it.each([
  ['a chat that fails', { name: 'chat:a', outcome: 'failed' }, true],
  ['a chat without an answer', { name: 'chat:a', outcome: 'unknown' }, true],
  ['a chat that answers', { name: 'chat:a', outcome: 'ok' }, false],
  ['a chat that answers after more than five seconds', { name: 'chat:a', outcome: 'ok', latencyMs: 6_000 }, true],
  ['a health URL without an answer', { name: 'health', outcome: 'unknown' }, true],
  ['metrics that are down', { name: 'traffic', outcome: 'unknown', facts: { configured: true } }, true],
  ['metrics that nobody configured', { name: 'traffic', outcome: 'unknown', facts: { configured: false } }, false],
  ['one call in twenty that fails', { name: 'traffic', outcome: 'ok', facts: { failingShare: 0.05 } }, true],
  ['fewer than that', { name: 'traffic', outcome: 'ok', facts: { failingShare: 0.049 } }, false],
  ['a step of the way that fails', { name: 'dns', outcome: 'failed' }, false],
  ['a refused standby key', { name: 'standby', outcome: 'failed' }, false],
] as const)('Of %s: what explains trouble is asked, or not', (_what, answer, expected) => {
  expect(isTrouble({ latencyMs: 100, ...answer })).toBe(expected);
});
