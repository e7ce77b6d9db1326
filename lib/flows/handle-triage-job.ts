import type { Finding, ProbeAnswer } from '../domain/diagnosis.ts';
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

const answerTriage = async (parts: Parts, jobId: string, { service, ...asked }: AskTriage): Promise<void> => {
  const place = placeOf(parts, readPlace(service));
  const isAmbiguous = parts.settings.services.filter(({ name }) => name === place.service).length > 1;
  const name = isAmbiguous ? `${place.environment}/${place.service}` : place.service;
  const heard = createHeard();
  const verdict = diagnoseService(parts, place, undefined, heard.hear);
  await tellProgress(parts, verdict, heard, async (nth) => {
    const { probeDeadlineMs: deadlineMs } = parts.settings;
    const body = { ...asked, ...heard.all(), kind: 'triage-progress', nth, deadlineMs, service: name } as const;
    await parts.jobs.put([{ id: `progress:${jobId}:${nth}`, queue: 'jobs', body }]);
    return asked.answer !== undefined;
  });
  const body = { ...asked, kind: 'verdict', diagnosis: await verdict, service: name } as const;
  await parts.jobs.put([{ id: `verdict:${jobId}`, queue: 'jobs', body }]);
};

type Heard = {
  readonly hear: (answer: ProbeAnswer, openCount: number) => void;
  /** Each question once: it is asked anew where the key turns out to be another one by now. */
  readonly all: () => { readonly answered: readonly Finding[]; readonly openCount: number };
  /** Answers so far, also those that were replaced. */
  readonly count: () => number;
};

const createHeard = (): Heard => {
  const answered = new Map<string, Finding>();
  let left = 0;
  let count = 0;
  return {
    hear: (answer, openCount) => {
      answered.set(answer.name, judge(answer));
      left = openCount;
      count += 1;
    },
    all: () => ({ answered: [...answered.values()], openCount: left }),
    count: () => count,
  };
};

/** Nobody who looks at a screen waits longer for a first word, nor reads faster than this. */
const PATIENCE_MS = 2_000;
const SLICE_MS = 100;

/** While the verdict lets people wait: tells what has answered, and again whenever something new has, until `tell` wants no more. */
const tellProgress = async (
  { wait }: Pick<Parts, 'wait'>,
  verdict: Promise<unknown>,
  heard: Heard,
  tell: (nth: number) => Promise<boolean>,
): Promise<void> => {
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  const ended = verdict.then(over, over);
  let told = 0;
  for (let nth = 1, wantsMore = true; wantsMore && !isOver; nth += 1) {
    for (let waitedMs = 0; !isOver && (waitedMs < PATIENCE_MS || heard.count() === told); waitedMs += SLICE_MS)
      await Promise.race([wait(SLICE_MS), ended]);
    if (isOver) return;
    told = heard.count();
    wantsMore = await tell(nth);
  }
};
