import type { Finding } from '../domain/diagnosis.ts';
import { type JobBody, UnknownJob } from '../domain/job.ts';
import type { TakenJob } from '../ports/jobs.ts';
import { judge } from '../triage/judge.ts';
import { diagnoseService } from './diagnose-service.ts';
import type { Parts } from './parts.ts';
import { placeOf, readPlace } from './target-of.ts';
import { checkForPerson, checkIncident, checkRoutinely, recheckIncident } from './watch-recovery.ts';

/** Asks the world. Says nothing to Slack itself: that is the other worker's. May be called again for the same job. */
export const handleTriageJob = async (parts: Parts, job: TakenJob): Promise<void> => {
  const { body } = job;
  switch (body.kind) {
    case 'triage':
      return body.askedBy === null
        ? checkIncident(parts, body.incidentId)
        : checkForPerson(parts, body.incidentId, body.askedBy);
    case 'ask-triage':
      return answerTriage(parts, job.id, body);
    case 'recheck':
      return recheckIncident(parts, body.incidentId);
    case 'routine-check':
      return checkRoutinely(parts);
    default:
      // A newer version put it: never done here, so that it comes back for that version, or ends as a dead letter that is told.
      throw new UnknownJob();
  }
};

type AskTriage = Extract<JobBody, { readonly kind: 'ask-triage' }>;

const answerTriage = async (parts: Parts, jobId: string, { service, channel, user }: AskTriage): Promise<void> => {
  const place = placeOf(parts, readPlace(service));
  const isAmbiguous = parts.settings.services.filter(({ name }) => name === place.service).length > 1;
  const name = isAmbiguous ? `${place.environment}/${place.service}` : place.service;
  const answered: Finding[] = [];
  const verdict = diagnoseService(parts, place, undefined, (answer) => void answered.push(judge(answer)));
  if (await isSlow(parts, verdict, answered)) {
    const { probeDeadlineMs: deadlineMs } = parts.settings;
    const progress = {
      kind: 'triage-progress',
      answered: [...answered],
      deadlineMs,
      service: name,
      channel,
      user,
    } as const;
    await parts.jobs.put([{ id: `progress:${jobId}`, queue: 'jobs', body: progress }]);
  }
  const body = { kind: 'verdict', diagnosis: await verdict, service: name, channel, user } as const;
  await parts.jobs.put([{ id: `verdict:${jobId}`, queue: 'jobs', body }]);
};

/** Nobody who looks at a screen waits longer for a first word. */
const PATIENCE_MS = 2_000;
const SLICE_MS = 100;

/** Whether the verdict lets people wait while something has answered already; false as soon as it is there. */
const isSlow = async (
  { wait }: Pick<Parts, 'wait'>,
  verdict: Promise<unknown>,
  answered: readonly Finding[],
): Promise<boolean> => {
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  const ended = verdict.then(over, over);
  for (let waitedMs = 0; !isOver && (waitedMs < PATIENCE_MS || answered.length === 0); waitedMs += SLICE_MS)
    await Promise.race([wait(SLICE_MS), ended]);
  return !isOver;
};
