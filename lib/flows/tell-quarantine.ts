import { renderQuarantine } from '../../templates/quarantine.ts';
import type { Quarantine } from '../domain/check.ts';
import type { Parts } from './parts.ts';
import { sendPart, type Told } from './send-part.ts';

/** Slack is asked again after this long while the owner has not heard of it. */
const AGAIN_MS = 10_000;
/** Of one round: with a post that was just begun, which may take 30 s, and what is told after it, still within the 60 s of the function. */
const ROUND_MS = 10_000;
/** Looked at in one round: more than a channel can be told in it. */
const ROUND = 50;

/** Keeps the pointer to a body that could not be understood, then tells its owner. */
export const keepQuarantine = async (parts: Parts, quarantine: Quarantine): Promise<void> => {
  await parts.store.write('quarantine', quarantine.id, quarantine, 0, parts.clock.nowMs());
  await tellQuarantine(parts, quarantine.id);
};

/** Tells the owner, once, that a body could not be understood and where it is kept. Stays due until it is told. */
const tellQuarantine = async (parts: Parts, quarantineId: string): Promise<Told | null> => {
  const stored = await parts.store.read('quarantine', quarantineId);
  if (!stored) return null;
  const told = await sendPart(parts, {
    incidentId: quarantineId,
    part: 'notice',
    channel: parts.settings.channel,
    paceKey: parts.settings.channel,
    threadTs: null,
    revision: 1,
    render: () => renderQuarantine(stored.record),
    mark: { eventType: 'mistral_quarantine', payload: { quarantine_id: quarantineId } },
  });
  const dueMs = told.told ? null : parts.clock.nowMs() + Math.max(told.waitMs, told.failure === 'paced' ? 0 : AGAIN_MS);
  await parts.store.write('quarantine', quarantineId, stored.record, stored.version, dueMs);
  return told;
};

/**
 * Notices that could not be told before. All go to one channel: they wait for its pace while there is time, and what Slack does not take
 * of one it would not take of the next; those come first in the next round.
 */
export const tellDueQuarantines = async (parts: Parts, forMs: number = ROUND_MS): Promise<void> => {
  const untilMs = parts.clock.nowMs() + forMs;
  for (const { key } of await parts.store.due('quarantine', parts.clock.nowMs(), ROUND)) {
    let told = await tellQuarantine(parts, key);
    while (isPaced(told) && parts.clock.nowMs() + told.waitMs < untilMs) {
      await parts.wait(told.waitMs);
      told = await tellQuarantine(parts, key);
    }
    if (told?.told === false || parts.clock.nowMs() >= untilMs) return;
  }
};

type Paced = Extract<Told, { readonly told: false }>;

const isPaced = (told: Told | null): told is Paced => told?.told === false && told.failure === 'paced';
