import { renderBuried } from '../../templates/buried.ts';
import type { Burial, BuriedJob } from '../domain/burial.ts';
import type { DeadLetter } from '../ports/jobs.ts';
import type { Stored } from '../ports/store.ts';
import { redact } from '../report/redact.ts';
import type { Parts } from './parts.ts';
import { sendPart } from './send-part.ts';

/** At most one notice in this time: a broken part may bury hundreds. */
const EVERY_MS = 60_000;
/** Slack is asked again after this long while the owner has not heard of it. */
const AGAIN_MS = 10_000;
/** Jobs named in a notice; the rest is a number. */
const NAMED = 5;
const KEY = 'all';

/** The dead letters of the queue. */
export type Graveyard = {
  readonly countDead: () => Promise<number>;
  /** The last first. */
  readonly deadLetters: (limit: number) => Promise<readonly DeadLetter[]>;
};

/**
 * Tells the owner of accepted jobs that were given up, all new ones in one message. Returns when to look again, or null when nothing is
 * left to tell.
 */
export const tellBuried = async (parts: Parts, graveyard: Graveyard): Promise<number | null> => {
  const stored = await parts.store.read('burial', KEY);
  const noticed = await makeNotice(parts, graveyard, stored);
  if (noticed === null) {
    const isMore = (await graveyard.countDead()) > (stored?.record.counted ?? 0);
    return isMore && stored ? Math.max(1, stored.record.noticedMs + EVERY_MS - parts.clock.nowMs()) : null;
  }
  const { record, version } = noticed;
  const { notice } = record;
  if (notice === null) return null;
  const told = await sendPart(parts, {
    incidentId: notice.id,
    part: 'notice',
    channel: parts.settings.channel,
    paceKey: parts.settings.channel,
    threadTs: null,
    revision: 1,
    render: () => renderBuried(notice.count, notice.jobs),
    mark: { eventType: 'mistral_dead_letters', payload: { notice_id: notice.id } },
  });
  if (!told.told) return Math.max(told.waitMs, told.failure === 'paced' ? 1 : AGAIN_MS);
  await parts.store.write('burial', KEY, { ...record, notice: null }, version);
  return EVERY_MS;
};

/** The notice that is still to be told, else a new one when there is reason for it and it is time. */
const makeNotice = async (
  parts: Parts,
  graveyard: Graveyard,
  stored: Stored<Burial> | null,
): Promise<Stored<Burial> | null> => {
  if (stored?.record.notice) return stored;
  const nowMs = parts.clock.nowMs();
  const { counted, noticedMs } = stored?.record ?? { counted: 0, noticedMs: 0 };
  const dead = await graveyard.countDead();
  if (dead <= counted || nowMs - noticedMs < EVERY_MS) return null;
  const count = dead - counted;
  const secrets = await parts.heldSecrets();
  const jobs = (await graveyard.deadLetters(Math.min(count, NAMED))).map(
    ({ id, kind, why }): BuriedJob => ({ id, kind, why: redact(why, secrets) }),
  );
  const record: Burial = {
    counted: dead,
    noticedMs: nowMs,
    notice: { id: `DEAD-${parts.ids.ordered(nowMs)}`, count, jobs },
  };
  const version = await parts.store.write('burial', KEY, record, stored?.version ?? 0);
  return version === null ? null : { record, version };
};
