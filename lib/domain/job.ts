import type { Alert } from './alert.ts';
import type { Quarantine } from './check.ts';
import type { Deployment } from './deployment.ts';
import type { Diagnosis, Finding } from './diagnosis.ts';

/** A person's click or command, as much of it as the work needs. */
export type SlackRequest = {
  readonly user: string;
  readonly team: string;
  readonly channel: string;
  readonly messageTs: string | null;
  /** `incident.acknowledge`, …, or `command`. */
  readonly action: string;
  /** The button's value, or the command's text. */
  readonly value: string;
  readonly isBot: boolean;
};

/** Before the name of a service, as the value of “Run triage” under an answer that belongs to no incident. */
export const ASK_AGAIN = 'ask:';

/** The message that fills with an answer. */
export type AnswerMessage = {
  /** Of the click or command; of the message itself, where one that shows an earlier answer is filled anew. */
  readonly id: string;
  /** That message. null: one is posted. */
  readonly messageTs: string | null;
  /** ISO 8601 time of the click or command: of two that fill the same message the later one counts. */
  readonly askedAt: string;
};

/** Where and for whom an answer is shown. Without `answer` (a job of an older version) only this person is told. */
type AnswerPlace = { readonly channel: string; readonly user: string; readonly answer?: AnswerMessage };

/** Work that was accepted. Jobs are delivered at least once, in no order; every handler is idempotent by the job's id. */
export type JobBody =
  | {
      readonly kind: 'alerts';
      readonly alerts: readonly Alert[];
      readonly acceptedAt: string;
      readonly truncated: string | null;
    }
  | {
      readonly kind: 'quarantined';
      /** What the worker records and tells the owner; the bytes are in the document `quarantine/<id>.body`. */
      readonly quarantine: Quarantine;
    }
  | {
      readonly kind: 'deployed';
      readonly service: string;
      readonly environment: string;
      readonly deployment: Deployment;
    }
  | { readonly kind: 'slack'; readonly request: SlackRequest; readonly acceptedAt: string }
  | { readonly kind: 'triage'; readonly incidentId: string; readonly askedBy: string | null }
  /** `service` as it was typed: NAME, or ENVIRONMENT/NAME. */
  | ({ readonly kind: 'ask-triage'; readonly service: string | null } & AnswerPlace)
  /** What has answered while the rest is waited for: judged answers, in the order in which they came. */
  | ({
      readonly kind: 'triage-progress';
      readonly answered: readonly Finding[];
      /** Questions that have no answer yet. */
      readonly openCount?: number;
      /** 0: it is asked again, and nothing has answered; then 1, 2, … of one answer. */
      readonly nth?: number;
      /** The verdict comes at the latest this long after the question. */
      readonly deadlineMs: number;
      readonly service: string;
    } & AnswerPlace)
  /** The answer to it; `service` as it is shown. */
  | ({
      readonly kind: 'verdict';
      readonly diagnosis: Diagnosis;
      readonly service: string;
      /** Slack did not take it: how often so far, and until when it is tried (epoch ms). */
      readonly tried?: { readonly times: number; readonly untilMs: number };
    } & AnswerPlace)
  | { readonly kind: 'recheck'; readonly incidentId: string }
  | { readonly kind: 'routine-check' }
  | { readonly kind: 'mitigate'; readonly leaseId: string; readonly incidentId: string }
  | {
      readonly kind: 'undo';
      readonly leaseId: string;
      readonly incidentId: string;
      readonly actor: string;
      readonly why: 'asked' | 'ended';
    }
  /** Slack does not show this incident as it is. */
  | { readonly kind: 'tell'; readonly incidentId: string }
  /** Bodies that could not be understood, of which the owner has not heard. */
  | { readonly kind: 'tell-quarantines' }
  /**
   * A message that was sent twice for safety may stand there twice. `part`: the root, or a note; or the message of the answer of this id.
   * `nth`: how often that was put off.
   */
  | { readonly kind: 'sweep-duplicates'; readonly incidentId: string; readonly part: string; readonly nth?: number }
  | { readonly kind: 'evidence'; readonly incidentId: string; readonly actor: string }
  | { readonly kind: 'postmortem'; readonly incidentId: string; readonly actor: string }
  /** What to send to the provider. */
  | { readonly kind: 'ticket'; readonly incidentId: string; readonly actor: string };

export type QueueName = 'jobs' | 'triage' | 'mitigate';

export type Job = { readonly id: string; readonly queue: QueueName; readonly body: JobBody };

/** A job whose kind this program does not know, or not in this queue. */
export class UnknownJob extends Error {
  override readonly name = 'UnknownJob';
  override readonly message = 'this version does not know the kind of this job';
}
