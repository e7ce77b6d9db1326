import type { AheadRecord, Foresight } from '../domain/ahead.ts';
import { clip } from '../domain/plain-text.ts';
import { formatDay, stepBefore } from './ahead-dates.ts';
import { type AheadInput, findingOf, isLookedAt, word } from './ahead-input.ts';
import { lookAtLimits, lookAtSpend, type Outlook, type Sight } from './ahead-limits.ts';
import { lookAtAliases, lookAtEnds } from './ahead-models.ts';

const lookAtKey = (input: AheadInput): Outlook => {
  const subject = 'key-end';
  const finding = findingOf(input, 'keys');
  if (!isLookedAt(finding)) return { due: [], blind: [subject] };
  const { expiresAt, keyName } = finding.facts;
  const endMs = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number.NaN;
  const near = Number.isFinite(endMs) ? stepBefore(endMs, input.nowMs) : null;
  if (near === null) return { due: [], blind: [] };
  const name = word(keyName);
  return {
    blind: [],
    due: [
      {
        subject,
        step: near.step,
        severity: near.severity,
        title: `${near.words}: our Mistral key expires on ${formatDay(endMs)}`,
        summary: `${name === null ? 'From then on' : `It is named ${name}. From then on`} every call is refused. Create one in the Mistral console, store it as the standby key, then send /mistral-triage rotate-key.`,
        model: null,
      },
    ],
  };
};

/** One bad minute at the rehearsal is not told: it fails this often first. */
const TOLD_FAILURES = 3;

/** What the last rehearsals found; when they are held is not decided here. */
const lookAtFallback = ({ fallback, known }: AheadInput): Outlook => {
  const { drill } = known;
  if (fallback === null || drill === null || drill.model !== fallback) return { due: [], blind: ['fallback'] };
  if (drill.works === true) return { due: [], blind: [] };
  if (drill.works === null || drill.failures < TOLD_FAILURES) return { due: [], blind: ['fallback'] };
  return {
    blind: [],
    due: [
      {
        subject: 'fallback',
        step: drill.model,
        severity: 'P3',
        title: `The fallback would not work: ${drill.model} does not answer`,
        summary: `It was asked for one token: ${clip(drill.why ?? 'it failed', 90)}. Mend it before it is needed, or configure another one. It is tried again every hour.`,
        model: drill.model,
      },
    ],
  };
};

export type Ahead = {
  /** Warnings that were not told yet, and those whose cause is gone. */
  readonly begin: readonly Foresight[];
  readonly end: readonly Foresight[];
  readonly known: AheadRecord;
};

const isSame = (one: Foresight, other: Foresight): boolean => one.subject === other.subject && one.step === other.step;

/** Whether a warning is still about something: of a model that is not used any more nothing is feared. */
const isAbout = ({ model, subject }: Foresight, { models, fallback }: AheadInput): boolean =>
  subject === 'fallback' ? fallback !== null : model === null || models.includes(model);

/**
 * What will break if nobody does anything: ends of models, aliases that moved, the key's end, limits that fill, a fallback that does not
 * work. A warning is taken back when its cause is looked at and gone, never because it could not be looked at.
 */
export const lookAhead = (input: AheadInput): Ahead => {
  const sight: Sight = { atMs: input.atMs, nowMs: input.nowMs, known: input.known };
  const aliases = lookAtAliases(input);
  const limits = lookAtLimits(sight, input.findings, input.models);
  const outlooks = [
    lookAtEnds(input),
    aliases,
    lookAtKey(input),
    limits,
    lookAtSpend(sight, findingOf(input, 'spend')),
    lookAtFallback(input),
  ];
  const due = outlooks.flatMap((outlook) => outlook.due);
  const blind = new Set(outlooks.flatMap((outlook) => outlook.blind));
  const kept = input.known.firing.filter(
    (one) => isAbout(one, input) && (blind.has(one.subject) || due.some((other) => isSame(one, other))),
  );
  const begin = due.filter((one) => !input.known.firing.some((other) => isSame(one, other)));
  return {
    begin,
    end: input.known.firing.filter((one) => !kept.includes(one)),
    known: { ...input.known, firing: [...kept, ...begin], aliases: aliases.aliases, windows: limits.windows },
  };
};
