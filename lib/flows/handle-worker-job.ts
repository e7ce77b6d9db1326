import { UnknownJob } from '../domain/job.ts';
import type { TakenJob } from '../ports/jobs.ts';
import { answerSlack } from './answer-slack.ts';
import { sweepDuplicates } from './deliver-message.ts';
import { keepDeployment } from './keep-deployment.ts';
import type { Parts } from './parts.ts';
import { ANSWER_PART, sweepAnswer } from './sweep-answer.ts';
import { tellAnswer } from './tell-answer.ts';
import { keepQuarantine, tellDueQuarantines } from './tell-quarantine.ts';
import { collectEvidence, draftPostmortem } from './write-documents.ts';
import type { DocumentRequest } from './write-once.ts';
import { writeTicket } from './write-ticket.ts';

/** Answers people and tells Slack. Alerts come in batches, through `receiveAlerts`. May be called again for the same job. */
export const handleWorkerJob = async (parts: Parts, job: TakenJob): Promise<void> => {
  const { body } = job;
  switch (body.kind) {
    case 'quarantined':
      return keepQuarantine(parts, body.quarantine);
    case 'deployed':
      return keepDeployment(parts, body);
    case 'slack':
      return answerSlack(parts, job, body.request);
    case 'triage-progress':
    case 'verdict':
      return tellAnswer(parts, body);
    case 'tell':
      return parts.nudge([body.incidentId]);
    case 'tell-quarantines':
      return tellDueQuarantines(parts);
    case 'sweep-duplicates':
      return body.part === ANSWER_PART ? sweepAnswer(parts, body) : sweepDuplicates(parts, body.incidentId, body.part);
    case 'evidence':
      return collectEvidence(parts, requestOf(job, body));
    case 'postmortem':
      return draftPostmortem(parts, requestOf(job, body));
    case 'ticket':
      return writeTicket(parts, requestOf(job, body));
    default:
      // A newer version put it: never done here, so that it comes back for that version, or ends as a dead letter that is told.
      throw new UnknownJob();
  }
};

const requestOf = (
  job: TakenJob,
  { incidentId, actor }: Omit<DocumentRequest, 'jobId' | 'attempt'>,
): DocumentRequest => ({
  jobId: job.id,
  incidentId,
  actor,
  attempt: job.attempt,
});
