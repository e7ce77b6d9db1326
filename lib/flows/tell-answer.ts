import { renderTriageProgress } from '../../templates/triage-progress.ts';
import { renderVerdict } from '../../templates/verdict.ts';
import type { Delivery } from '../domain/delivery.ts';
import type { AnswerMessage, JobBody } from '../domain/job.ts';
import type { ChatMessage } from '../domain/message.ts';
import { ChatError } from '../ports/chat.ts';
import type { Stored } from '../ports/store.ts';
import type { Parts } from './parts.ts';
import { deliveryKey, editPart, type Part, sendPart, type Told } from './send-part.ts';
import { ANSWER_PART, markOf, planSweep } from './sweep-answer.ts';

export type Answer = Extract<JobBody, { readonly kind: 'verdict' | 'triage-progress' }>;

/** As long as Slack may ask to wait, and longer than the lease of a deliverer who died. Later nobody waits for the verdict any more. */
const TRY_FOR_MS = 120_000;
/** Somebody else is at it, or died at it: looked again sooner than their lease ends, by this much later each time. */
const LOOK_AGAIN_MS = 1_000;
/** Steps that follow each other at once: a lost message is posted anew, a found one is edited, refused blocks become words. */
const STEPS = 4;

/**
 * Brings the one message of an answer to what is known by now. Jobs come late, twice and in any order: what is older than what is
 * shown is dropped. Progress is dropped too when it is not its turn or Slack does not take it, since more will come; the verdict is
 * tried again for a while. No failure of Slack is a failure of the job.
 */
export const tellAnswer = async (parts: Parts, body: Answer): Promise<void> => {
  if (body.answer === undefined) return whisperAnswer(parts, body);
  const part = partOf(body, body.answer);
  const rest =
    body.kind === 'verdict'
      ? await showVerdict(parts, part, body.answer)
      : await showProgress(parts, part, body.answer);
  if (rest !== null && body.kind === 'verdict') await tryLater(parts, { ...body, answer: body.answer }, rest);
};

const partOf = (body: Answer, answer: AnswerMessage): Part => ({
  incidentId: answer.id,
  part: ANSWER_PART,
  channel: body.channel,
  paceKey: body.channel,
  threadTs: null,
  revision: revisionOf(body, answer),
  render: () => render(body),
  mark: markOf(answer.id),
});

/** Of what may come for one question: progress 0, 1, 2, …, the verdict last. */
const REVISIONS = 1_000;

/** What was asked later is newer, whatever of it has come. */
const revisionOf = (body: Answer, { askedAt }: AnswerMessage): number => {
  const nth = body.kind === 'verdict' ? REVISIONS - 1 : Math.min(REVISIONS - 2, (body.nth ?? 0) + 1);
  return (Date.parse(askedAt) || 0) * REVISIONS + nth;
};

const render = (body: Answer): ChatMessage =>
  body.kind === 'verdict'
    ? renderVerdict(body.diagnosis, body.service, body.user)
    : renderTriageProgress({ ...body, askedBy: body.user });

type NotTold = Extract<Told, { readonly told: false }>;

/** null: it is shown, or something newer is. */
const showVerdict = async (parts: Parts, part: Part, answer: AnswerMessage): Promise<NotTold | null> => {
  // The verdict need not keep its distance from the progress before it.
  const hasty = { ...parts, settings: { ...parts.settings, pace: { ...parts.settings.pace, editMs: 0 } } };
  return show(hasty, part, answer, () => true);
};

/**
 * Who finds a lease, or an outcome that nobody knows, leaves it to the verdict to clear up: it may be the verdict itself that was sent.
 */
const showProgress = (parts: Parts, part: Part, answer: AnswerMessage): Promise<NotTold | null> =>
  show(parts, part, answer, ({ lease, uncertain }) => lease === null && !uncertain);

/** As far as anybody can tell; what slips through is swept. */
const sendOnce = async (parts: Parts, part: Part): Promise<Told> => {
  const told = await sendPart(parts, part);
  if (told.told && told.resent) await planSweep(parts, told.delivery);
  return told;
};

const show = async (
  parts: Parts,
  part: Part,
  answer: AnswerMessage,
  mayTouch: (shown: Delivery) => boolean,
): Promise<NotTold | null> => {
  for (let step = 0; step < STEPS; step += 1) {
    const known = await parts.store.read('delivery', deliveryKey(part));
    const stored = known ?? earlierOf(parts, part, answer);
    if (stored !== null && (stored.record.toldRevision >= part.revision || !mayTouch(stored.record))) return null;
    const told = stored?.record.ts ? await editPart(parts, part, stored) : await sendOnce(parts, part);
    if (told.told && told.delivery.toldRevision >= part.revision) return null;
    if (!told.told && told.waitMs > 0) return told;
  }
  return { told: false, waitMs: LOOK_AGAIN_MS, failure: 'busy' };
};

/** The message under which the button was pressed, of which nothing is recorded under this name yet. */
const earlierOf = (
  { clock }: Pick<Parts, 'clock'>,
  { incidentId, part, channel }: Part,
  { messageTs }: AnswerMessage,
): Stored<Delivery> | null =>
  messageTs === null
    ? null
    : {
        version: 0,
        record: {
          incidentId,
          part,
          channel,
          ts: messageTs,
          toldRevision: 0,
          lease: null,
          uncertain: false,
          firstAttemptMs: clock.nowMs(),
          attempts: 0,
          editedAtMs: 0,
          lastFailure: null,
        },
      };

/** A person must mend these: asking Slack again mends nothing. */
const NEEDS_PERSON: readonly NotTold['failure'][] = ['no-channel', 'not-in-channel', 'no-permission'];

/** By a job of its own: waiting here would keep a worker, and the lease of this job is short. */
const tryLater = async (
  parts: Parts,
  body: Extract<Answer, { readonly kind: 'verdict' }> & { readonly answer: AnswerMessage },
  { failure, waitMs }: NotTold,
): Promise<void> => {
  const nowMs = parts.clock.nowMs();
  const { times, untilMs } = body.tried ?? { times: 0, untilMs: nowMs + TRY_FOR_MS };
  const isTurn = failure === 'busy' || failure === 'paced';
  const delayMs = isTurn ? Math.min(waitMs, LOOK_AGAIN_MS * (times + 1)) : waitMs;
  if (NEEDS_PERSON.includes(failure) || nowMs + delayMs > untilMs)
    return parts.log('answer.not-told', { answer: body.answer.id, failure });
  const tried = { times: times + 1, untilMs };
  const id = `verdict:${body.answer.id}:${body.answer.askedAt}:${tried.times}`;
  await parts.jobs.put([{ id, queue: 'jobs', body: { ...body, tried } }], { delayMs });
};

const whisperAnswer = async (parts: Parts, body: Answer): Promise<void> => {
  try {
    await parts.people.whisper(body, render(body));
  } catch (error) {
    // Losing it in an outage of Slack is no loss of state, and telling it twenty times more would tell nobody either.
    if (!(error instanceof ChatError)) throw error;
    parts.log('whisper.not-told', { action: 'ask-triage', failure: error.failure, why: error.message });
  }
};
