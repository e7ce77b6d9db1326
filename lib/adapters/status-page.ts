import * as z from 'zod/mini';
import type { FactSource } from '../ports/probe-sources.ts';
import { getJson } from './get-json.ts';
import { createShared } from './shared-question.ts';
import { SourceError } from './source-error.ts';

/** Whose form the page's JSON has: Statuspage `/api/v2/summary.json`, Checkly `/api/v1/summary.json`, Rootly `/api/v1/status.json`. */
export const STATUS_FORMATS = ['statuspage', 'checkly', 'rootly'] as const;
export type StatusFormat = (typeof STATUS_FORMATS)[number];

export type StatusPage = {
  /** Of the JSON itself. */
  readonly url: string;
  readonly format: StatusFormat;
  readonly allowPrivate: boolean;
};

const LIMIT_MS = 3_000;

const INDICATORS = ['none', 'minor', 'major', 'critical'] as const;
type Indicator = (typeof INDICATORS)[number];
type Read = { readonly indicator: Indicator; readonly incidents: number };

/** Planned work is trouble of the smallest kind for whoever calls meanwhile. */
const WITH_INDICATOR = z.object({
  status: z.object({ indicator: z.enum([...INDICATORS, 'maintenance']) }),
  incidents: z.array(z.unknown()),
});

const CHECKLY = z.object({ activeIncidents: z.array(z.object({ severity: z.optional(z.nullable(z.string())) })) });

const readWithIndicator = (body: unknown): Read | null => {
  const page = z.safeParse(WITH_INDICATOR, body);
  if (!page.success) return null;
  const { status, incidents } = page.data;
  return { indicator: status.indicator === 'maintenance' ? 'minor' : status.indicator, incidents: incidents.length };
};

const CHECKLY_WORDS: Readonly<Record<string, Indicator>> = { critical: 'critical', major: 'major' };

const readCheckly = (body: unknown): Read | null => {
  const page = z.safeParse(CHECKLY, body);
  if (!page.success) return null;
  const ranks = page.data.activeIncidents.map(({ severity }) =>
    INDICATORS.indexOf(CHECKLY_WORDS[severity?.toLowerCase() ?? ''] ?? 'minor'),
  );
  return { indicator: INDICATORS[Math.max(0, ...ranks)] ?? 'none', incidents: ranks.length };
};

const READERS: Readonly<Record<StatusFormat, (body: unknown) => Read | null>> = {
  statuspage: readWithIndicator,
  rootly: readWithIndicator,
  checkly: readCheckly,
};

/** A page may say "none" beside an open incident; the incident is what was seen. */
const settle = ({ indicator, incidents }: Read): Read => ({
  indicator: indicator === 'none' && incidents > 0 ? 'minor' : indicator,
  incidents,
});

/** The same page for all services: who asks at the same time shares one answer. Only numbers and words of a closed list are taken from it, never a text. What is not of the configured form is unreadable. */
export const createStatusPage = ({ url, format, allowPrivate }: StatusPage): FactSource => {
  const share = createShared<Read>();
  const ask = async (limitMs: number): Promise<Read> => {
    const read = READERS[format](await getJson(url, { limitMs, allowPrivate }));
    if (read === null) throw new SourceError(`its answer has not the form of ${format}`);
    return settle(read);
  };
  return {
    name: 'the status page',
    read: (_target, timeoutMs) => {
      const limitMs = Math.min(timeoutMs, LIMIT_MS);
      return share(url, limitMs, () => ask(limitMs));
    },
  };
};
