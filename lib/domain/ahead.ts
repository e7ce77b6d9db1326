import type { Incident } from './incident.ts';
import type { Severity } from './severity.ts';

/** When a model stops answering, as somebody who should know it said. */
export type ModelEnd = {
  /** ISO 8601; null: whoever configured it says that there is no end to warn of. */
  readonly retires: string | null;
  readonly replacedBy: string | null;
};

/** The source of alerts that nobody sent: ours. */
export const OWN_SOURCE = 'mistral-triage';

/** Trouble that is not there yet. */
export type Foresight = {
  /** What it is about, always spelled alike: `model-end:mistral-small-2506`. One at a time is told of each. */
  readonly subject: string;
  /** How near it is, in a word: a nearer step is another alert of the same incident. */
  readonly step: string;
  readonly severity: Extract<Severity, 'P3' | 'P4'>;
  readonly title: string;
  readonly summary: string;
  readonly model: string | null;
};

/** How much of a window that counts anew each minute was used by others than the probe itself. */
export type RateSample = {
  readonly atMs: number;
  readonly used: number;
  /** Seconds of the minute that had passed. */
  readonly seconds: number;
  readonly limit: number;
};

/** The last rehearsal of the way out. */
export type Drill = {
  readonly atMs: number;
  readonly model: string;
  /** null: it was asked at a bad moment, which says nothing. */
  readonly works: boolean | null;
  readonly why: string | null;
  /** How often it failed since it last worked. */
  readonly failures: number;
};

/** What an alias means, what it meant before, and since when. */
export type AliasSeen = {
  readonly target: string;
  readonly from: string | null;
  readonly movedAtMs: number | null;
  /** Another meaning that was seen last, and in how many looks one after the other. */
  readonly other?: { readonly target: string; readonly looks: number };
};

/** What watching ahead remembers of one service, bounded by the models that it uses. */
export type AheadRecord = {
  readonly firing: readonly Foresight[];
  readonly aliases: Readonly<Record<string, AliasSeen>>;
  /** The last samples, oldest first, by model and window. */
  readonly windows: Readonly<Record<string, readonly RateSample[]>>;
  readonly drill: Drill | null;
};

export const NOTHING_AHEAD: AheadRecord = { firing: [], aliases: {}, windows: {}, drill: null };

/** Whether it is about trouble that is not there yet, and nothing else. Trouble of the service has incidents of its own. */
export const isOfWarnings = ({ alerts }: Pick<Incident, 'alerts'>): boolean =>
  alerts.length > 0 && alerts.every(({ source }) => source === OWN_SOURCE);

/** Whether such an incident is open and one of its warnings stands. */
export const isWarning = ({ alerts, status }: Pick<Incident, 'alerts' | 'status'>): boolean =>
  isOfWarnings({ alerts }) && alerts.some(({ state }) => state === 'firing') && status !== 'resolved';
