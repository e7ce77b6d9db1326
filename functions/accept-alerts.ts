import { createHash } from 'node:crypto';
import type { Job, JobBody } from '../lib/domain/job.ts';
import { packJobs } from '../lib/intake/pack-jobs.ts';
import { type ParsedBody, parseBody } from '../lib/intake/parse-body.ts';
import { boundLine } from '../lib/intake/text.ts';
import type { Documents } from '../lib/ports/documents.ts';
import type { Jobs } from '../lib/ports/jobs.ts';
import type { Clock, Ids, Log } from '../lib/ports/world.ts';

export type AcceptParts = {
  readonly jobs: Pick<Jobs, 'put'>;
  readonly documents: Pick<Documents, 'put'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
};

/** A body whose sender was let in. */
export type AlertsBody = {
  readonly source: string;
  readonly integration: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** What the sender, or who carries it, calls this delivery each time it comes; null: nothing. */
  readonly deliveryId: string | null;
};

export type Counts = { readonly accepted: number; readonly quarantined: number; readonly ignored: number };

const countParsed = (parsed: ParsedBody): Counts => {
  switch (parsed.kind) {
    case 'alerts':
      return { accepted: parsed.alerts.length, quarantined: parsed.unreadable, ignored: parsed.ignored };
    case 'empty':
      return { accepted: 0, quarantined: 0, ignored: 0 };
    case 'unreadable':
      return { accepted: 0, quarantined: 1, ignored: 0 };
  }
};

const describeTrouble = (parsed: ParsedBody): string =>
  parsed.kind === 'unreadable' ? parsed.why : 'some entries of the body are no alerts';

/**
 * The same body within the same hour has the same name, so that a sender that was told "not stored" too early, and sends again,
 * is kept and told once.
 */
const quarantineId = ({ source, integration, bytes }: AlertsBody, nowMs: number): string => {
  const hour = new Date(nowMs).toISOString().slice(0, 13).replace(/\D/g, '');
  const hash = createHash('sha256')
    .update(JSON.stringify([source, integration]))
    .update(bytes);
  return `${hour}-${hash.digest('hex').slice(0, 24)}`;
};

/** Keeps the body as it came, before anything says that it was kept. */
const quarantine = async (parts: AcceptParts, body: AlertsBody, why: string, nowMs: number): Promise<Job> => {
  const id = quarantineId(body, nowMs);
  await parts.documents.put(`quarantine/${id}.body`, body.bytes);
  const { source, integration, bytes } = body;
  const contentType = boundLine(new Map(), 'content type', body.contentType, 100);
  const acceptedAt = new Date(nowMs).toISOString();
  const told = { id, source, integration, acceptedAt, contentType, bytes: bytes.length, why };
  return { id: `quarantine:${id}`, queue: 'jobs', body: { kind: 'quarantined', quarantine: told } };
};

/**
 * Puts the alerts of a body into the queue; when it returns they are durable. No source that we read gives its deliveries an id, so each
 * request is a job of its own: a body that was stored after its sender had been told 503, and is sent again, counts once more. It is a
 * repeat of its alerts, and repeats are not told.
 */
export const acceptAlerts = async (parts: AcceptParts, body: AlertsBody): Promise<Counts> => {
  const { source, integration, bytes } = body;
  const nowMs = parts.clock.nowMs();
  const acceptedAt = new Date(nowMs).toISOString();
  const parsed = parseBody({ source, integration, bytes, acceptedAt });
  const counts = countParsed(parsed);
  if (parsed.kind === 'empty') return counts;
  const id = body.deliveryId ?? parts.ids.ordered(nowMs);
  const bodies: readonly JobBody[] =
    parsed.kind === 'alerts' ? packJobs(parsed.alerts, { acceptedAt, truncated: parsed.truncated }) : [];
  const jobs = bodies.map((one, index): Job => ({ id: `${id}-${index}`, queue: 'jobs', body: one }));
  if (counts.quarantined > 0) jobs.push(await quarantine(parts, body, describeTrouble(parsed), nowMs));
  await parts.jobs.put(jobs);
  parts.log('alerts.accepted', { source, integration, ...counts });
  return counts;
};
