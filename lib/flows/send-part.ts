import type { Delivery } from '../domain/delivery.ts';
import type { ChatMessage, MessageMark } from '../domain/message.ts';
import { ChatError, type ChatFailure } from '../ports/chat.ts';
import type { Stored } from '../ports/store.ts';
import { holdChannel, takeEditSlot, takeMessageSlot } from './pace.ts';
import type { Parts } from './parts.ts';

export type SendParts = Pick<Parts, 'store' | 'chat' | 'clock' | 'ids' | 'wait' | 'log' | 'checkpoint' | 'settings'>;

/** One thing to tell: the root message, or a note in the thread. */
export type Part = {
  readonly incidentId: string;
  readonly part: string;
  readonly channel: string;
  /** Name of the pacer's record: the channel as configured, for the root and its thread alike. */
  readonly paceKey: string;
  readonly threadTs: string | null;
  readonly revision: number;
  /** Asked for only when it is really sent: most looks end at the pacer. */
  readonly render: () => ChatMessage;
  readonly mark: MessageMark;
};

/** `told`: Slack shows it. Otherwise when to try again. `resent`: sent after an outcome nobody knows, so a duplicate may turn up. */
export type Told =
  | { readonly told: true; readonly delivery: Delivery; readonly resent: boolean }
  | { readonly told: false; readonly waitMs: number; readonly failure: ChatFailure | 'busy' | 'paced' };

/** Longer than a call's time limit, so that a lease never ends under a call that may still land. */
const LEASE_MS = 30_000;
/** Slack's search may lag behind a message that was just posted. */
const LAG_MS = 1_500;

/**
 * Law 4. A deliverer takes a lease, sends, records. Taking the lease marks the outcome as unknown, so whoever comes after a crash
 * or a timeout looks in Slack, twice, before it sends again.
 */
export const sendPart = async (parts: SendParts, part: Part): Promise<Told> => {
  const key = `${part.incidentId}#${part.part}`;
  const stored = await parts.store.read('delivery', key);
  if (stored?.record.ts) return { told: true, delivery: stored.record, resent: false };
  const busyMs = leaseLeft(stored?.record ?? null, parts.clock.nowMs());
  if (busyMs > 0) return { told: false, waitMs: busyMs, failure: 'busy' };
  const pacedMs = await takeMessageSlot(parts, part.paceKey);
  if (pacedMs > 0) return { told: false, waitMs: pacedMs, failure: 'paced' };
  const leased = await takeLease(parts, key, stored, part);
  if (leased === null) return { told: false, waitMs: 100, failure: 'busy' };
  try {
    const wasUncertain = stored?.record.uncertain ?? false;
    const found = wasUncertain ? await lookTwice(parts, leased.record, part) : null;
    await parts.checkpoint('sending');
    const at = found ?? (await parts.chat.post(part, messageFor(leased.record, part), part.mark));
    await parts.checkpoint('sent');
    const told: Delivery = {
      ...leased.record,
      ...at,
      toldRevision: found ? 0 : part.revision,
      lease: null,
      uncertain: false,
      lastFailure: null,
    };
    await parts.store.write('delivery', key, told, leased.version);
    return { told: true, delivery: told, resent: wasUncertain && found === null };
  } catch (error) {
    return recordFailure(parts, part, { leased, was: stored?.record ?? null }, error);
  }
};

/** Brings the root message to the incident's revision. Editing twice is harmless, so no look-up; the lease keeps the order. */
export const editPart = async (parts: SendParts, part: Part, stored: Stored<Delivery>): Promise<Told> => {
  const { ts, channel, editedAtMs } = stored.record;
  const nowMs = parts.clock.nowMs();
  const busyMs = Math.max(leaseLeft(stored.record, nowMs), editedAtMs + parts.settings.pace.editMs - nowMs);
  if (busyMs > 0) return { told: false, waitMs: busyMs, failure: 'paced' };
  const pacedMs = await takeEditSlot(parts);
  if (pacedMs > 0) return { told: false, waitMs: pacedMs, failure: 'paced' };
  const key = `${part.incidentId}#${part.part}`;
  const lease = { holder: parts.ids.ordered(nowMs), untilMs: nowMs + LEASE_MS };
  const record: Delivery = { ...stored.record, lease, attempts: stored.record.attempts + 1 };
  const version = await parts.store.write('delivery', key, record, stored.version);
  if (version === null) return { told: false, waitMs: 100, failure: 'busy' };
  try {
    await parts.chat.edit({ channel, ts: ts ?? '' }, messageFor(record, part), part.mark);
    const told: Delivery = {
      ...record,
      toldRevision: part.revision,
      lease: null,
      editedAtMs: parts.clock.nowMs(),
      attempts: 0,
      lastFailure: null,
    };
    await parts.store.write('delivery', key, told, version);
    return { told: true, delivery: told, resent: false };
  } catch (error) {
    return recordFailure(parts, part, { leased: { record, version }, was: stored.record }, error);
  }
};

const leaseLeft = (delivery: Delivery | null, nowMs: number): number =>
  delivery?.lease ? delivery.lease.untilMs - nowMs : 0;

const takeLease = async (
  parts: SendParts,
  key: string,
  stored: Stored<Delivery> | null,
  part: Part,
): Promise<Stored<Delivery> | null> => {
  const nowMs = parts.clock.nowMs();
  const record: Delivery = {
    incidentId: part.incidentId,
    part: part.part,
    channel: part.channel,
    ts: null,
    toldRevision: 0,
    editedAtMs: 0,
    lastFailure: null,
    ...stored?.record,
    lease: { holder: parts.ids.ordered(nowMs), untilMs: nowMs + LEASE_MS },
    uncertain: true,
    firstAttemptMs: stored?.record.firstAttemptMs ?? nowMs,
    attempts: (stored?.record.attempts ?? 0) + 1,
  };
  const version = await parts.store.write('delivery', key, record, stored?.version ?? 0);
  return version === null ? null : { record, version };
};

/** The message of an attempt whose outcome nobody knew, if it did arrive; a second one is taken away. */
const lookTwice = async (parts: SendParts, delivery: Delivery, part: Part) => {
  const look = () =>
    parts.chat.find({ channel: part.channel, threadTs: part.threadTs, sinceMs: delivery.firstAttemptMs }, part.mark);
  let found = await look();
  if (found.length === 0) {
    await parts.wait(LAG_MS);
    found = await look();
  }
  const [first, ...duplicates] = found;
  for (const duplicate of duplicates) await parts.chat.remove(duplicate);
  parts.log('message.looked-up', { incident: part.incidentId, part: part.part, found: found.length });
  return first ?? null;
};

/** Slack refused the blocks before: then at least the words must arrive. */
const messageFor = (delivery: Delivery, part: Part): ChatMessage => {
  const message = part.render();
  return delivery.lastFailure === 'bad-message' ? { text: message.text, blocks: [] } : message;
};

type Attempt = { readonly leased: Stored<Delivery>; readonly was: Delivery | null };

const recordFailure = async (parts: SendParts, part: Part, attempt: Attempt, error: unknown): Promise<Told> => {
  if (!(error instanceof ChatError)) throw error;
  const { record, version } = attempt.leased;
  const waitMs = waitAfter(error, record.attempts);
  const uncertain = error.failure === 'ambiguous' || (attempt.was?.uncertain ?? false);
  // An edit that may still land must not overtake the next one: its lease stays.
  const mayStillLand = error.failure === 'ambiguous' && record.ts !== null;
  const lost = error.failure === 'no-message' ? { ts: null, toldRevision: 0, uncertain: false } : {};
  await parts.store.write(
    'delivery',
    `${part.incidentId}#${part.part}`,
    { ...record, uncertain, ...lost, lease: mayStillLand ? record.lease : null, lastFailure: error.failure },
    version,
  );
  if (error.failure === 'rate-limited') await holdChannel(parts, part.paceKey, waitMs);
  parts.log('message.not-told', {
    incident: record.incidentId,
    part: record.part,
    failure: error.failure,
    waitMs,
    why: error.message,
  });
  return { told: false, waitMs, failure: error.failure };
};

/** Waiting grows with the attempts, to a minute; what a person must mend is asked for once a minute. */
const waitAfter = (error: ChatError, attempts: number): number => {
  const growingMs = Math.min(60_000, 500 * 2 ** Math.min(attempts, 7));
  switch (error.failure) {
    case 'rate-limited':
      return error.retryAfterMs ?? growingMs;
    case 'unavailable':
    case 'ambiguous':
      return growingMs;
    case 'no-channel':
    case 'not-in-channel':
    case 'no-permission':
      return 60_000;
    case 'no-message':
    case 'bad-message':
      return attempts > 3 ? 60_000 : 0;
  }
};
