import { renderQuarantine } from '../../templates/quarantine.ts';
import type { Quarantine } from '../domain/check.ts';
import type { Parts } from './parts.ts';
import { sendPart } from './send-part.ts';

/** Slack is asked again after this long while the owner has not heard of it. */
const AGAIN_MS = 10_000;

/** Keeps the pointer to a body that could not be understood, then tells its owner. */
export const keepQuarantine = async (parts: Parts, quarantine: Quarantine): Promise<void> => {
  await parts.store.write('quarantine', quarantine.id, quarantine, 0, parts.clock.nowMs());
  await tellQuarantine(parts, quarantine.id);
};

/** Tells the owner, once, that a body could not be understood and where it is kept. Stays due until it is told. */
const tellQuarantine = async (parts: Parts, quarantineId: string): Promise<void> => {
  const stored = await parts.store.read('quarantine', quarantineId);
  if (!stored) return;
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
};

/** Notices that could not be told before. */
export const tellDueQuarantines = async (parts: Parts): Promise<void> => {
  for (const { key } of await parts.store.due('quarantine', parts.clock.nowMs(), 50)) await tellQuarantine(parts, key);
};
