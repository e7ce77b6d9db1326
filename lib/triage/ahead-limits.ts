import type { AheadRecord, Foresight, RateSample } from '../domain/ahead.ts';
import type { Finding, ProbeFacts } from '../domain/diagnosis.ts';
import { percent } from '../domain/percent.ts';
import { formatDay, monthSoFar } from './ahead-dates.ts';
import { isLookedAt } from './ahead-input.ts';
import { addSample, forecastMinute, type RateWindow, sampleOf, windowsIn } from './ahead-windows.ts';

/** What one rule found: the warnings due now, and the subjects about which nothing can be said, so that nothing of them is taken back. */
export type Outlook = { readonly due: readonly Foresight[]; readonly blind: readonly string[] };

export type Sight = {
  /** When the findings were asked for. */
  readonly atMs: number;
  readonly nowMs: number;
  readonly known: AheadRecord;
};

const firingOf = ({ known }: Sight, subject: string): readonly Foresight[] =>
  known.firing.filter((one) => one.subject === subject);

const isFiring = (sight: Sight, subject: string): boolean => firingOf(sight, subject).length > 0;

/** Warned of from here, and taken back a good way below, so that it does not come and go. */
const FULL_SHARE = 0.9;
const GROWING_SHARE = 0.5;
const CALM_SHARE = 0.7;
const SOON_MINUTES = 30;
const FAR_MINUTES = 60;

const warnOfMinute = (
  sight: Sight,
  { model, subject, window }: { readonly model: string; readonly subject: string; readonly window: RateWindow },
  samples: readonly RateSample[],
): Outlook => {
  const seen = forecastMinute(samples);
  if (seen === null) return { due: [], blind: [subject] };
  const { share, minutesLeft } = seen;
  const stays = isFiring(sight, subject) && (share >= CALM_SHARE || minutesLeft <= FAR_MINUTES);
  const begins = share >= FULL_SHARE || (share >= GROWING_SHARE && minutesLeft <= SOON_MINUTES);
  if (!stays && !begins) return { due: [], blind: [] };
  const when =
    minutesLeft < 1
      ? '; they do not last the minute'
      : Number.isFinite(minutesLeft)
        ? `; at this growth they are used up in about ${Math.min(99, Math.round(minutesLeft))} minutes`
        : '';
  return {
    due: [
      {
        subject,
        step: 'near',
        severity: 'P3',
        title: `${model} comes near its limit of ${window.name}`,
        summary: `About ${percent(share)} of ${window.limit} ${window.name} are in use${when}. Beyond that Mistral answers 429. Send fewer calls at once, or ask Mistral for a higher limit.`,
        model,
      },
    ],
    blind: [],
  };
};

/** How soon a limit of the month is used up at the month's pace; `null` while the month is too young to tell. */
const EARLY_PART = 0.1;
/** What is counted may still be last month's, at Mistral or on the way here: then the old month looks like a new one that is used up. */
const TURN_DAYS = 0.5;
const CERTAIN_SHARE = 0.8;
/** Told soon from here, and so until a good while above: in a quiet night the days that are left grow. */
const SOON_DAYS = 3;
const LATER_DAYS = 5;
/** A forecast a little below the limit leaves what is told as it is: nothing is used up before the month ends. */
const CALM_FORECAST = 0.95;

type Month = {
  readonly subject: string;
  readonly model: string | null;
  readonly used: number;
  readonly limit: number;
  /** `The spending limit of the month (500 USD)` */
  readonly what: string;
  readonly then: string;
};

const warnOfMonth = (sight: Sight, { subject, model, used, limit, what, then }: Month): Outlook => {
  const { passed, days } = monthSoFar(sight.nowMs);
  if (passed * days < TURN_DAYS) return { due: [], blind: [subject] };
  const share = used / limit;
  if (passed < EARLY_PART && share < CERTAIN_SHARE) return { due: [], blind: [] };
  const forecast = share / Math.max(passed, 1 / days / 24);
  const daysLeft = share >= 1 ? 0 : (passed * days * (1 - share)) / share;
  if (!(forecast >= CALM_FORECAST) || used === 0) return { due: [], blind: [] };
  const firing = firingOf(sight, subject);
  if (forecast < 1) return { due: firing, blind: [] };
  const isSoon = daysLeft <= (firing.some(({ step }) => step === 'soon') ? LATER_DAYS : SOON_DAYS);
  const end = formatDay(sight.nowMs + daysLeft * 86_400_000);
  const pace =
    share >= 1
      ? 'It is used up.'
      : `${percent(share)} are used; at this pace it is used up on ${end}, and would be ${percent(Math.min(forecast, 99))} at the end of the month.`;
  return {
    due: [
      {
        subject,
        step: isSoon ? 'soon' : 'month',
        severity: isSoon ? 'P3' : 'P4',
        title: share >= 1 ? `${what} is used up` : `${what} will not last${isSoon ? ' 3 days' : ' the month'}`,
        summary: `${pace} ${then}`,
        model,
      },
    ],
    blind: [],
  };
};

const joinOutlooks = (outlooks: readonly Outlook[]): Outlook => ({
  due: outlooks.flatMap(({ due }) => due),
  blind: outlooks.flatMap(({ blind }) => blind),
});

/** Rate headers of the chats: minutes until a minute gets full, days until a month does. A chat without them leaves its windows blind. */
export const lookAtLimits = (
  sight: Sight,
  findings: readonly Finding[],
  models: readonly string[],
): Outlook & { readonly windows: AheadRecord['windows'] } => {
  const windows: Record<string, readonly RateSample[]> = {};
  const outlooks = models.flatMap((model): readonly Outlook[] => {
    const evidence = findings.find(({ name }) => name === `chat:${model}`)?.evidence ?? {};
    const seen = windowsIn(evidence);
    const told = seen.map((window): Outlook => {
      const key = `${model} ${window.name}`;
      const subject = `limit:${key}`;
      if (window.span === 'month') {
        const { limit, remaining } = window;
        const what = `The quota of ${limit} ${window.name} for ${model}`;
        const then = 'Raise it in the Mistral console, or move part of the work to another model.';
        return warnOfMonth(sight, { subject, model, used: limit - remaining, limit, what, then });
      }
      const samples = addSample(sight.known.windows[key] ?? [], sampleOf(window, evidence, sight.atMs));
      windows[key] = samples;
      return warnOfMinute(sight, { model, subject, window }, samples);
    });
    // A window that is not told of now keeps what was seen of it, and its warning.
    const unseen = Object.keys(sight.known.windows).filter((key) => key.startsWith(`${model} `) && !(key in windows));
    for (const key of unseen) windows[key] = sight.known.windows[key] ?? [];
    const untold = sight.known.firing.filter(
      ({ subject }) =>
        subject.startsWith(`limit:${model} `) && !seen.some(({ name }) => subject === `limit:${model} ${name}`),
    );
    return [...told, { due: [], blind: untold.map(({ subject }) => subject) }];
  });
  return { ...joinOutlooks(outlooks), windows };
};

/** What the account has spent, where the Admin API tells it. */
export const lookAtSpend = (sight: Sight, finding: Finding | undefined): Outlook => {
  const subject = 'spend';
  if (!isLookedAt(finding)) return { due: [], blind: [subject] };
  const { limitUsd, monthlyLimitReached } = finding.facts;
  const isInUsd = typeof limitUsd === 'number' && limitUsd > 0;
  const share = spentShare(finding.facts);
  // Without a limit nothing is forecast; with one, and nothing said of what is spent, nothing is known.
  if (share === null) return { due: [], blind: isInUsd ? [subject] : [] };
  const what = isInUsd
    ? `The spending limit of ${Math.round(limitUsd)} USD a month`
    : 'The spending limit of the month';
  const then = 'Then Mistral refuses all our calls. Raise the limit in the Mistral console, or spend less.';
  const used = monthlyLimitReached === true ? Math.max(share, 1) : share;
  return warnOfMonth(sight, { subject, model: null, used, limit: 1, what, then });
};

/** Of the limit, from 0 up; null: not told. In dollars, else the part alone, where the account counts in another currency. */
const spentShare = ({ spentUsd, limitUsd, spentShare: part }: ProbeFacts): number | null => {
  if (typeof limitUsd === 'number' && limitUsd > 0) return typeof spentUsd === 'number' ? spentUsd / limitUsd : null;
  return typeof part === 'number' && part >= 0 ? part : null;
};
