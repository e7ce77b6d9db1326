import type { Pacer } from '../domain/delivery.ts';
import type { Parts } from './parts.ts';

type PaceParts = Pick<Parts, 'store' | 'clock' | 'settings'>;

/** Takes the channel's next free second, or says how long to wait. Slack allows about one message per second and channel. */
export const takeMessageSlot = (parts: PaceParts, channel: string): Promise<number> =>
  changePacer(parts, `channel:${channel}`, (pacer, nowMs) =>
    pacer.nextFreeMs > nowMs
      ? { waitMs: pacer.nextFreeMs - nowMs }
      : { pacer: { ...pacer, nextFreeMs: nowMs + parts.settings.pace.messageMs }, waitMs: 0 },
  );

/** Takes one edit of the workspace's budget (`chat.update` is tier 3: about 50 a minute), or says how long to wait. */
export const takeEditSlot = (parts: PaceParts): Promise<number> => {
  const perMs = parts.settings.pace.editsPerMinute / 60_000;
  const burst = Math.max(1, parts.settings.pace.editsPerMinute / 5);
  return changePacer(parts, 'workspace', (pacer, nowMs) => {
    const tokens = Math.min(burst, pacer.refilledMs === 0 ? burst : pacer.tokens + (nowMs - pacer.refilledMs) * perMs);
    return tokens < 1
      ? { waitMs: Math.ceil((1 - tokens) / perMs) }
      : { pacer: { ...pacer, tokens: tokens - 1, refilledMs: nowMs }, waitMs: 0 };
  });
};

/** Slack said how long to stay away: everybody does. */
export const holdChannel = async (parts: PaceParts, channel: string, forMs: number): Promise<void> => {
  await changePacer(parts, `channel:${channel}`, (pacer, nowMs) => ({
    pacer: { ...pacer, nextFreeMs: Math.max(pacer.nextFreeMs, nowMs + forMs) },
    waitMs: 0,
  }));
};

type Decide = (pacer: Pacer, nowMs: number) => { readonly pacer?: Pacer; readonly waitMs: number };

const changePacer = async (parts: PaceParts, key: string, decide: Decide): Promise<number> => {
  for (;;) {
    const stored = await parts.store.read('pacer', key);
    const decided = decide(stored?.record ?? { key, nextFreeMs: 0, tokens: 0, refilledMs: 0 }, parts.clock.nowMs());
    if (!decided.pacer) return decided.waitMs;
    if ((await parts.store.write('pacer', key, decided.pacer, stored?.version ?? 0)) !== null) return decided.waitMs;
  }
};
