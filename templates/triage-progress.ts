import type { Finding } from '../lib/domain/diagnosis.ts';
import { OUTCOME_SIGNS } from '../lib/domain/diagnosis-words.ts';
import type { ChatMessage } from '../lib/domain/message.ts';
import { context, message, section } from './blocks.ts';
import { EMPTY, escapeText, joinText, keepUnits, type Mrkdwn, md, mention } from './text.ts';

const SHOWN = 8;

type Progress = {
  readonly answered: readonly Finding[];
  readonly openCount?: number;
  readonly deadlineMs: number;
  readonly service: string;
  /** Slack id of the person. */
  readonly askedBy: string;
};

const FIRST: readonly Finding['outcome'][] = ['failed', 'unknown', 'ok'];

/**
 * What has answered while the rest is waited for: what is wrong comes first. No verdict yet, and no advice. Nothing has answered where
 * it is asked again.
 */
export const renderTriageProgress = ({
  answered,
  openCount = 0,
  deadlineMs,
  service,
  askedBy,
}: Progress): ChatMessage => {
  const ordered = FIRST.flatMap((outcome) => answered.filter((finding) => finding.outcome === outcome));
  const lines = ordered.slice(0, SHOWN).map(tellAnswer);
  const more = ordered.length - lines.length;
  const rest = more > 0 ? [md`and ${more} more`] : [];
  const name = escapeText(service, 60);
  const title = lines.length === 0 ? md`Asking again about ${name}.` : md`Still asking about ${name}. Answered so far:`;
  const within = keepUnits(md`The verdict comes within ${Math.ceil(deadlineMs / 1_000)} s of the question.`);
  const caution = lines.length === 0 ? EMPTY : md`Until then nothing here is certain.`;
  return message(joinText([title, ...lines.slice(0, 1)], ' '), [
    section(joinText([title, ...lines, ...rest], '\n')),
    context([joinText([tellOpen(openCount), within, caution, md`Asked by ${mention(askedBy)}.`], ' ')]),
  ]);
};

const tellOpen = (count: number): Mrkdwn => {
  if (count === 0) return EMPTY;
  return count === 1 ? md`1 answer is still to come.` : md`${count} answers are still to come.`;
};

const tellAnswer = ({ outcome, question, latencyMs, why }: Finding): Mrkdwn => {
  const took = keepUnits(md`${Math.round(latencyMs)} ms`);
  const asked = md`${OUTCOME_SIGNS[outcome]} ${escapeText(question, 120)}`;
  if (outcome === 'ok') return md`${asked} *yes, in ${took}*`;
  const known = outcome === 'failed' ? 'no' : 'not known';
  return why === undefined ? md`${asked} *${known}*` : md`${asked} *${known}: ${escapeText(why, 200)}*`;
};
