import type { Finding } from '../lib/domain/diagnosis.ts';
import { OUTCOME_SIGNS } from '../lib/domain/diagnosis-words.ts';
import type { ChatMessage } from '../lib/domain/message.ts';
import { context, message, section } from './blocks.ts';
import { escapeText, joinText, keepUnits, type Mrkdwn, md } from './text.ts';

const SHOWN = 8;

type Progress = {
  readonly answered: readonly Finding[];
  readonly deadlineMs: number;
  readonly service: string;
};

const FIRST: readonly Finding['outcome'][] = ['failed', 'unknown', 'ok'];

/** What has answered while the rest is waited for: what is wrong comes first. No verdict yet, and no advice. */
export const renderTriageProgress = ({ answered, deadlineMs, service }: Progress): ChatMessage => {
  const ordered = FIRST.flatMap((outcome) => answered.filter((finding) => finding.outcome === outcome));
  const lines = ordered.slice(0, SHOWN).map(tellAnswer);
  const more = ordered.length - lines.length;
  const rest = more > 0 ? [md`and ${more} more`] : [];
  const title = md`Still asking about ${escapeText(service, 60)}. Answered so far:`;
  return message(joinText([title, ...lines.slice(0, 1)], ' '), [
    section(joinText([title, ...lines, ...rest], '\n')),
    context([
      md`${keepUnits(md`The verdict comes within ${Math.ceil(deadlineMs / 1_000)} s of the question.`)} Until then nothing here is certain.`,
    ]),
  ]);
};

const tellAnswer = ({ outcome, question, latencyMs, why }: Finding): Mrkdwn => {
  const took = keepUnits(md`${Math.round(latencyMs)} ms`);
  const asked = md`${OUTCOME_SIGNS[outcome]} ${escapeText(question, 120)}`;
  if (outcome === 'ok') return md`${asked} *yes, in ${took}*`;
  const known = outcome === 'failed' ? 'no' : 'not known';
  return why === undefined ? md`${asked} *${known}*` : md`${asked} *${known}: ${escapeText(why, 200)}*`;
};
