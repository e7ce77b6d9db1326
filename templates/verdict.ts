import type { Diagnosis, Verdict } from '../lib/domain/diagnosis.ts';
import { ASK_AGAIN } from '../lib/domain/job.ts';
import type { ChatMessage } from '../lib/domain/message.ts';
import { formatClock } from '../lib/domain/utc.ts';
import { actions, context, header, message, section } from './blocks.ts';
import { diagnosisBlocks } from './diagnosis.ts';
import { code, escapeText, md, mention } from './text.ts';
import { describeOwner, SEVERITY_SIGNS } from './words.ts';

const HEADLINES: Readonly<Record<Verdict, string>> = {
  healthy: '🟢 Healthy',
  problem: 'Problem',
  unknown: '⚪ Could not tell',
};

/** The answer to `/mistral-triage` alone. `service` as it can be asked about again: NAME, or ENVIRONMENT/NAME. `askedBy`: Slack id. */
export const renderVerdict = (diagnosis: Diagnosis, service: string, askedBy: string): ChatMessage => {
  const headline = `${headlineOf(diagnosis)} · ${service}`;
  return message(md`${headline}: ${escapeText(diagnosis.cause, 600)}`, [
    header(headline),
    section(md`${escapeText(diagnosis.cause, 600)}\n${describeOwner(diagnosis)}`),
    ...diagnosisBlocks(diagnosis, service),
    ...actions([{ text: 'Run triage', actionId: 'incident.triage', value: `${ASK_AGAIN}${service}` }]),
    context([
      md`Checked at ${formatClock(diagnosis.at, null)} · ${code(diagnosis.branch)} · asked by ${mention(askedBy)}`,
    ]),
  ]);
};

const headlineOf = (diagnosis: Diagnosis): string =>
  diagnosis.verdict === 'problem' && diagnosis.severity !== null
    ? `${SEVERITY_SIGNS[diagnosis.severity]} ${diagnosis.severity} ${HEADLINES.problem}`
    : HEADLINES[diagnosis.verdict];
