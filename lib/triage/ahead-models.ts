import type { AheadRecord, AliasSeen, Foresight } from '../domain/ahead.ts';
import { formatDay, stepBefore } from './ahead-dates.ts';
import { type AheadInput, findingOf, isLookedAt, word } from './ahead-input.ts';
import type { Outlook } from './ahead-limits.ts';
import { endOf, LIFECYCLE_AS_OF } from './lifecycle.ts';

const DAY_MS = 86_400_000;
/** A published day that long past, of a model that still answers, was moved: nobody is told of it. */
const STALE_MS = 30 * DAY_MS;
const CARD_SAYS = "Mistral's own model list says so.";

type End = { readonly endMs: number; readonly replacedBy: string | null; readonly said: string };

/** What the configuration says is believed first, then Mistral's own card of the model, then the table that comes with the program. */
const readEnd = (input: AheadInput, model: string): End | null => {
  const { deprecatedAt, replacedBy } = findingOf(input, `model:${model}`)?.facts ?? {};
  const own = input.ends[model];
  if (own !== undefined)
    return own.retires === null ? null : endAt(own.retires, own.replacedBy, 'The configuration says so.');
  if (typeof deprecatedAt === 'string') return endAt(deprecatedAt, replacedBy, CARD_SAYS);
  // An alias that means something else by now ends with that, not when the table's model does.
  const published = endOf(readAlias(input, model)?.target ?? model);
  const end =
    published === null
      ? null
      : endAt(published.retires, published.replacedBy, `Mistral's documentation of ${LIFECYCLE_AS_OF} says so.`);
  return end === null || input.nowMs - end.endMs > STALE_MS ? null : end;
};

const endAt = (day: string, replacedBy: unknown, said: string): End | null => {
  const endMs = Date.parse(day);
  return Number.isFinite(endMs) ? { endMs, replacedBy: word(replacedBy), said } : null;
};

/** Servers that are not of one mind answer by turns: what one look says has not moved yet. */
const MOVED_LOOKS = 3;

/** What an alias means, as far as it is settled; null: nobody ever said. */
const readAlias = (input: AheadInput, model: string): AliasSeen | null => {
  const finding = findingOf(input, `model:${model}`);
  const told = finding?.outcome === 'ok' ? word(finding.facts?.['aliasOf']) : null;
  const before = input.known.aliases[model];
  if (before === undefined) return told === null ? null : { target: told, from: null, movedAtMs: null };
  if (told === null) return before;
  const { other, ...settled } = before;
  if (told === before.target) return settled;
  const looks = other?.target === told ? other.looks + 1 : 1;
  return looks < MOVED_LOOKS
    ? { ...settled, other: { target: told, looks } }
    : { target: told, from: before.target, movedAtMs: input.nowMs };
};

export const lookAtEnds = (input: AheadInput): Outlook => ({
  due: input.models.flatMap((model) => {
    const end = readEnd(input, model);
    const near = end === null || isEndBlind(input, model) ? null : stepBefore(end.endMs, input.nowMs);
    if (end === null || near === null) return [];
    const instead = end.replacedBy === null ? 'another model' : end.replacedBy;
    const then = near.step === 'over' ? 'Calls to it may fail at any moment' : 'After that day every call to it fails';
    return [
      {
        subject: `model-end:${model}`,
        step: near.step,
        severity: near.severity,
        title: `${near.words}: Mistral ends ${model} on ${formatDay(end.endMs)}`,
        summary: `${then}. Configure ${instead} in the application in its place. ${end.said}`,
        model,
      },
    ];
  }),
  blind: input.models.filter((model) => isEndBlind(input, model)).map((model) => `model-end:${model}`),
});

/** The card told of an end, and is not to be had now: what it told stays, whatever older sources say. */
const isEndBlind = (input: AheadInput, model: string): boolean =>
  input.ends[model] === undefined &&
  !isLookedAt(findingOf(input, `model:${model}`)) &&
  input.known.firing.some(({ subject, summary }) => subject === `model-end:${model}` && summary.includes(CARD_SAYS));

const ALIAS_TOLD_MS = DAY_MS;

/** What each alias means now. A move is told for a day: then it is how things are. */
export const lookAtAliases = (input: AheadInput): Outlook & { readonly aliases: AheadRecord['aliases'] } => {
  const aliases: Record<string, AliasSeen> = {};
  const due: Foresight[] = [];
  for (const model of input.models) {
    const now = readAlias(input, model);
    if (now === null) continue;
    aliases[model] = now;
    const { target } = now;
    if (now.movedAtMs === null || input.nowMs - now.movedAtMs >= ALIAS_TOLD_MS) continue;
    due.push({
      subject: `alias:${model}`,
      step: target,
      severity: 'P4',
      title: `${model} now means ${target}`,
      summary: `Until now it meant ${now.from ?? 'another model'}. Its answers, price and limits may differ. To go back, configure ${now.from ?? 'the old model'} by its own name in the application.`,
      model,
    });
  }
  return { due, blind: [], aliases };
};
