import { type JobBody, UnknownJob } from '../domain/job.ts';
import type { TakenJob } from '../ports/jobs.ts';
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
  const diagnosis = await diagnoseService(parts, place);
  const name = isAmbiguous ? `${place.environment}/${place.service}` : place.service;
  const body = { kind: 'verdict', diagnosis, service: name, channel, user } as const;
  await parts.jobs.put([{ id: `verdict:${jobId}`, queue: 'jobs', body }]);
};
