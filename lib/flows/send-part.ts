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
  /** ISO 8601 time since which people wait for it, where that is measured. */
  readonly awaitedSince?: string;
  /** Asked for only when it is really sent: most looks end at the pacer. */
  readonly render: () => ChatMessage;
  readonly mark: MessageMark;
};

/** `told`: Slack shows it. Otherwise when to try again. `resent`: sent after an outcome nobody knows, so a duplicate may turn up. */
export type Told =
  | { readonly told: true; readonly delivery: Delivery; readonly resent: boolean }
  | { readonly told: false; readonly waitMs: number; readonly failure: ChatFailure | 'busy' | 'paced' };

/**
 * As long as posting may take at most (posting, joining, posting again; 10 s each), so that a lease never ends under a call that may
 * still land.
 */
const LEASE_MS = 30_000;
/** Slack's search may lag behind a message that was just posted. */
const LAG_MS = 1_500;

/**
 * Law 4. A deliverer takes a lease, sends, records. Taking the lease marks the outcome as unknown, so whoever comes after a crash
 * or a timeout looks in Slack, twice, before it sends again.
 */
export const sendPart = async (parts: SendParts, part: Part): Promise<Told> => {
  const stored = await parts.store.read('delivery', deliveryKey(part));
  if (stored?.record.ts) return { told: true, delivery: stored.record, resent: false };
  const busyMs = leaseLeft(stored?.record ?? null, parts.clock.nowMs());
  if (busyMs > 0) return { told: false, waitMs: busyMs, failure: 'busy' };
  const pacedMs = await takeMessageSlot(parts, part.paceKey);
  if (pacedMs > 0) return { told: false, waitMs: pacedMs, failure: 'paced' };
  const leased = await takeLease(parts, stored, part);
  if (leased === null) return LOST;
  const attempt = { leased, was: stored?.record ?? null };
  if (attempt.was?.uncertain !== true) return post(parts, part, attempt);
  try {
    const found = await lookTwice(parts, leased.record, part);
    if (found !== null) return await recordTold(parts, part, leased, { ...found, toldRevision: 0 });
  } catch (error) {
    return recordFailure(parts, part, attempt, error);
  }
  // Looking took its time: a lease that is over may be somebody else's, who posts as well.
  const renewed = await writeLease(parts, leased.record, leased.version);
  if (renewed === null) return LOST;
  return post(parts, part, { ...attempt, leased: renewed });
};

const LOST: Told = { told: false, waitMs: 100, failure: 'busy' };

const post = async (parts: SendParts, part: Part, attempt: Attempt): Promise<Told> => {
  try {
    await parts.checkpoint('sending');
    const at = await parts.chat.post(part, messageFor(attempt.leased.record, part), part.mark);
    await parts.checkpoint('sent');
    const told = await recordTold(parts, part, attempt.leased, { ...at, toldRevision: part.revision });
    return told.told ? { ...told, resent: attempt.was?.uncertain ?? false } : told;
  } catch (error) {
    return recordFailure(parts, part, attempt, error);
  }
};

type Shown = Pick<Delivery, 'toldRevision'> & { readonly channel: string; readonly ts: string };

/** Whoever lost the lease meanwhile has told nothing: the next look reads what is recorded. */
const recordTold = async (
  parts: SendParts,
  part: Part,
  { record, version }: Stored<Delivery>,
  shown: Shown,
): Promise<Told> => {
  const nowMs = parts.clock.nowMs();
  const toldAtMs = record.toldAtMs ?? nowMs;
  const told: Delivery = { ...record, ...shown, toldAtMs, lease: null, uncertain: false, lastFailure: null };
  const written = await parts.store.write('delivery', deliveryKey(record), told, version);
  if (written === null) return LOST;
  if (record.toldAtMs === undefined && part.awaitedSince !== undefined) {
    const latencyMs = nowMs - Date.parse(part.awaitedSince);
    parts.log('message.told', { incident: part.incidentId, part: part.part, latencyMs });
  }
  return { told: true, delivery: told, resent: false };
};

/** Of what is recorded of telling it. */
export const deliveryKey = ({ incidentId, part }: Pick<Delivery, 'incidentId' | 'part'>): string =>
  `${incidentId}#${part}`;

/** Brings the root message to the incident's revision. Editing twice is harmless, so no look-up; the lease keeps the order. */
export const editPart = async (parts: SendParts, part: Part, stored: Stored<Delivery>): Promise<Told> => {
  const { ts, channel, editedAtMs } = stored.record;
  const nowMs = parts.clock.nowMs();
  const busyMs = Math.max(leaseLeft(stored.record, nowMs), editedAtMs + parts.settings.pace.editMs - nowMs);
  if (busyMs > 0) return { told: false, waitMs: busyMs, failure: 'paced' };
  const pacedMs = await takeEditSlot(parts);
  if (pacedMs > 0) return { told: false, waitMs: pacedMs, failure: 'paced' };
  const leased = await writeLease(parts, { ...stored.record, attempts: stored.record.attempts + 1 }, stored.version);
  if (leased === null) return LOST;
  const { record, version } = leased;
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
    await parts.store.write('delivery', deliveryKey(part), told, version);
    return { told: true, delivery: told, resent: false };
  } catch (error) {
    return recordFailure(parts, part, { leased, was: stored.record }, error);
  }
};

const leaseLeft = (delivery: Delivery | null, nowMs: number): number =>
  delivery?.lease ? delivery.lease.untilMs - nowMs : 0;

const takeLease = async (
  parts: SendParts,
  stored: Stored<Delivery> | null,
  part: Part,
): Promise<Stored<Delivery> | null> => {
  const record: Delivery = {
    incidentId: part.incidentId,
    part: part.part,
    channel: part.channel,
    ts: null,
    toldRevision: 0,
    editedAtMs: 0,
    lastFailure: null,
    lease: null,
    ...stored?.record,
    uncertain: true,
    firstAttemptMs: stored?.record.firstAttemptMs ?? parts.clock.nowMs(),
    attempts: (stored?.record.attempts ?? 0) + 1,
  };
  return writeLease(parts, record, stored?.version ?? 0);
};

/** Takes or renews the lease from now on; null when somebody else wrote first. */
const writeLease = async (parts: SendParts, delivery: Delivery, version: number): Promise<Stored<Delivery> | null> => {
  const nowMs = parts.clock.nowMs();
  const record = { ...delivery, lease: { holder: parts.ids.ordered(nowMs), untilMs: nowMs + LEASE_MS } };
  const written = await parts.store.write('delivery', deliveryKey(record), record, version);
  return written === null ? null : { record, version: written };
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
    deliveryKey(part),
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
