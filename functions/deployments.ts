import { createHash } from 'node:crypto';
import type { Job } from '../lib/domain/job.ts';
import { type ReadDeployment, readDeployment } from '../lib/intake/deployment.ts';
import type { HttpEvent, HttpRequest, HttpResult } from '../lib/intake/http-event.ts';
import type { Jobs } from '../lib/ports/jobs.ts';
import type { Clock, Ids, Log, Wait } from '../lib/ports/world.ts';
import { answerInTime } from './answer-in-time.ts';
import { answerJson as answer, type DoorTokens, isLetIn } from './let-in.ts';

const MAX_BODY_BYTES = 16 * 1024;

export type DeploymentsParts = DoorTokens & {
  readonly jobs: Pick<Jobs, 'put'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly wait: Wait;
  /** Whether `triage.config.ts` has it; left out where the door has no configuration, as on Lambda. */
  readonly isKnown?: (place: { readonly service: string; readonly environment: string }) => boolean;
};

type Read = Extract<ReadDeployment, { readonly ok: true }>;

/** The same deployment has the same id, so that a sender that tries again changes nothing. Without a time each request is a job of its own, and the record tells the same apart. */
const jobId = ({ ids, clock }: DeploymentsParts, { service, environment, deployment }: Read): string => {
  if (!deployment.isTimed) return `deployment-${ids.ordered(clock.nowMs())}`;
  const hash = createHash('sha256').update(JSON.stringify([environment, service, deployment.version, deployment.at]));
  return `deployment-${hash.digest('hex').slice(0, 32)}`;
};

const toJob = (parts: DeploymentsParts, read: Read): Job => {
  const { service, environment, deployment } = read;
  return { id: jobId(parts, read), queue: 'jobs', body: { kind: 'deployed', service, environment, deployment } };
};

const notStored = (parts: DeploymentsParts, why: string): HttpResult => {
  parts.log('deployments.not-stored', { why });
  return answer(503, { error: 'not stored, send again' }, { 'retry-after': '5' });
};

const refused = (parts: DeploymentsParts, result: HttpResult): HttpResult => {
  parts.log('deployments.refused', { status: result.statusCode });
  return result;
};

const receive = async (parts: DeploymentsParts, request: HttpRequest): Promise<HttpResult> => {
  const letIn = await isLetIn(parts, request);
  if (letIn === null) return notStored(parts, 'no token is known');
  if (!letIn) return refused(parts, answer(401, { error: 'unauthorized' }));
  if (request.method !== 'POST') return refused(parts, answer(405, { error: 'method not allowed' }, { allow: 'POST' }));
  if (request.bytes.length > MAX_BODY_BYTES) return refused(parts, answer(413, { error: 'body over 16 kB' }));
  const read = readDeployment(request.bytes, new Date(parts.clock.nowMs()).toISOString());
  if (!read.ok) return refused(parts, answer(400, { error: read.why }));
  await parts.jobs.put([toJob(parts, read)]);
  const { service, environment, deployment } = read;
  // It may be configured tomorrow; or the pipeline misspells it, and nobody would notice.
  const unknown = parts.isKnown?.({ service, environment }) === false ? { known: false } : {};
  parts.log('deployments.accepted', { service, environment, version: deployment.version, ...unknown });
  return answer(202, { service, environment, version: deployment.version, at: deployment.at, ...unknown });
};

/**
 * `POST /deployments`: what went out, told by a step of a pipeline. 202 only after it is durable, 503 when it is not stored; a body that
 * cannot be read is the sender's to mend, so it hears 400 and one sentence, where alerts would be kept aside.
 */
export const createDeploymentsHandler =
  (parts: DeploymentsParts) =>
  (event: HttpEvent): Promise<HttpResult> =>
    answerInTime(
      {
        wait: parts.wait,
        receive: (request) => receive(parts, request),
        notStored: (why) => notStored(parts, why),
      },
      event,
    );
