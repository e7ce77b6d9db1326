import { renderVerdict } from '../../templates/verdict.ts';
import type { Arrival } from '../correlate/place-alerts.ts';
import { ChatError } from '../ports/chat.ts';
import type { TakenJob } from '../ports/jobs.ts';
import { answerSlack } from './answer-slack.ts';
import { applyMitigation } from './apply-mitigation.ts';
import { diagnoseService } from './diagnose-service.ts';
import type { Parts } from './parts.ts';
import { placeOf, readPlace } from './target-of.ts';
import { keepQuarantine } from './tell-quarantine.ts';
import { undoMitigation } from './undo-mitigation.ts';
import { checkForPerson, checkIncident, checkRoutinely } from './watch-recovery.ts';
import { collectEvidence, draftPostmortem } from './write-documents.ts';

/** The alerts of several jobs as one batch: one change of an incident however many jobs name it. */
export const arrivalsOf = (jobs: readonly TakenJob[]): readonly Arrival[] =>
  jobs.flatMap(({ id, body }) =>
    body.kind === 'alerts' ? body.alerts.map((alert) => ({ jobId: id, alert, acceptedAt: body.acceptedAt })) : [],
  );

/** One job that is not an alert. Every handler may be called again for the same job. */
export const handleJob = async (parts: Parts, job: TakenJob): Promise<void> => {
  const { body } = job;
  switch (body.kind) {
    case 'alerts':
      return;
    case 'quarantined':
      return keepQuarantine(parts, body.quarantine);
    case 'slack':
      return answerSlack(parts, job, body.request);
    case 'triage':
      return body.askedBy === null
        ? checkIncident(parts, body.incidentId)
        : checkForPerson(parts, body.incidentId, body.askedBy);
    case 'ask-triage':
      return answerTriage(parts, body);
    case 'recheck':
      return checkIncident(parts, body.incidentId);
    case 'routine-check':
      return checkRoutinely(parts);
    case 'mitigate':
      return applyMitigation(parts, body.leaseId);
    case 'undo':
      return undoMitigation(parts, body);
    case 'evidence':
      return collectEvidence(parts, { jobId: job.id, incidentId: body.incidentId, actor: body.actor });
    case 'postmortem':
      return draftPostmortem(parts, { jobId: job.id, incidentId: body.incidentId, actor: body.actor });
  }
  // A newer version put it: never done here, so that it comes back for that version, or ends as a dead letter that is told.
  throw new UnknownJob();
};

class UnknownJob extends Error {
  override readonly name = 'UnknownJob';
  override readonly message = 'this version does not know the kind of this job';
}

type AskTriage = { readonly service: string | null; readonly channel: string; readonly user: string };

const answerTriage = async (parts: Parts, { service, channel, user }: AskTriage): Promise<void> => {
  const place = placeOf(parts, readPlace(service));
  const isAmbiguous = parts.settings.services.filter(({ name }) => name === place.service).length > 1;
  const diagnosis = await diagnoseService(parts, place);
  const name = isAmbiguous ? `${place.environment}/${place.service}` : place.service;
  try {
    await parts.people.whisper({ channel, user }, renderVerdict(diagnosis, name));
  } catch (error) {
    // Losing it in an outage of Slack is no loss of state, and asking Mistral twenty times more would tell nobody either.
    if (!(error instanceof ChatError)) throw error;
    parts.log('whisper.not-told', { action: 'ask-triage', failure: error.failure, why: error.message });
  }
};
