import { nameIn } from '../domain/plain-text.ts';
import { formatClock } from '../domain/utc.ts';
import { type Judgement, lateMsOf, type PlanContext, type Planned, slowMsOf, tellSlow } from './plan-judgement.ts';

export const MOST_NAMES = 2;

const isFailed = ({ outcome }: { readonly outcome: string }): boolean => outcome === 'failed';

type Standing = 'well' | 'slow' | 'failing' | 'rehearsed' | 'unfit' | 'unknown';

/** What was seen in this round weighs more than the last rehearsal, which is of the first one alone. */
const standingOf = (planned: Planned, model: string, { drill = null }: PlanContext): Standing => {
  const { matrix = [], probes = [] } = planned;
  const asked = probes.filter(({ name }) => name === `chat:${model}` || name === `stream:${model}`);
  // What is too late is no answer to the table of models.
  if (slowMsOf(planned, model) !== null && !asked.some(isFailed)) return 'slow';
  const seen = [...matrix.filter((row) => row.model === model), ...asked];
  if (seen.some(isFailed)) return 'failing';
  if (seen.some(({ outcome }) => outcome === 'ok')) return 'well';
  if (drill === null || drill.model !== model || drill.works === null) return 'unknown';
  return drill.works ? 'rehearsed' : 'unfit';
};

type Stood = readonly [model: string, standing: Standing];

const drilledAt = ({ drill = null }: PlanContext): string =>
  drill === null || Math.abs(drill.atMs) > 8e15
    ? 'at a time that was not kept'
    : formatClock(new Date(drill.atMs).toISOString(), null);

const tellServed = (planned: Planned, [model, standing]: Stood, context: PlanContext): string => {
  const served = `Users are served by ${nameIn(model)}`;
  if (standing === 'well') return `${served}, which answers now.`;
  if (standing === 'slow') return `${served}, which ${tellSlow(slowMsOf(planned, model) ?? 0)}.`;
  if (standing === 'rehearsed') return `${served}, which answered at its last rehearsal (${drilledAt(context)}).`;
  return `${served}, of which nobody knows whether it answers.`;
};

const tellUnfit = ([model, standing]: Stood, context: PlanContext): string => {
  if (standing === 'slow') return `${nameIn(model)} is slow itself.`;
  return standing === 'unfit'
    ? `${nameIn(model)} did not answer at its last rehearsal (${drilledAt(context)}).`
    : `${nameIn(model)} fails as well.`;
};

/** By how the models stand that the application calls instead, in its order. */
export const judgeStanding = (planned: Planned, models: readonly string[], context: PlanContext): Judgement => {
  const standings = models.map((model): Stood => [model, standingOf(planned, model, context)]);
  // A slow answer is better than none, and no better than a slow one.
  const isSlowUnfit = lateMsOf(planned) !== null;
  const usable = standings.find(
    ([, standing]) => standing !== 'failing' && standing !== 'unfit' && !(isSlowUnfit && standing === 'slow'),
  );
  if (usable !== undefined) return { helps: tellServed(planned, usable, context) };
  return {
    useless: standings
      .slice(0, MOST_NAMES)
      .map((stood) => tellUnfit(stood, context))
      .join(' '),
  };
};
