import type { Diagnosis, Finding } from '../domain/diagnosis.ts';
import type { Incident } from '../domain/incident.ts';
import { percent } from '../domain/percent.ts';
import { plainText } from '../domain/plain-text.ts';
import { formatUtc } from '../domain/utc.ts';
import { redact } from './redact.ts';

export type TicketInput = {
  readonly incident: Incident;
  /** What was found, oldest first: the cause as the incident keeps it, then the last check where that is another one. */
  readonly diagnoses: readonly Diagnosis[];
  /** The cause in one sentence, as somebody outside may read it. */
  readonly tellCause: (diagnosis: Diagnosis) => string;
  readonly writtenAt: string;
  readonly secrets: readonly string[];
};

const MOST_CALLS = 40;

/** Questions whose answers say something about Mistral. Everything else is ours alone, and may name what is nobody else's business. */
const THEIRS = /^(?:models$|(?:chat|stream|model|region):)/;
const WAY = /^(?:path|dns|connect|tls|clock)$/;

const line = (name: string, text: string): string => `${`${name}:`.padEnd(17)}${text}`;

/** Names of models from the questions, each once. */
const modelsIn = (findings: readonly Finding[]): readonly string[] => [
  ...new Set(findings.flatMap(({ name }) => /^(?:chat|stream|model):(.+)$/.exec(name)?.[1] ?? [])),
];

const windowOf = ({ incident, diagnoses, writtenAt }: TicketInput): string => {
  const { started, resolved } = incident.milestones;
  const last = diagnoses.at(-1);
  const from = formatUtc(started ?? incident.createdAt);
  if (resolved !== undefined && incident.status === 'resolved') return `from ${from} to ${formatUtc(resolved)}`;
  return last?.verdict === 'healthy'
    ? `from ${from}; answered well again at ${formatUtc(last.at)}`
    : `since ${from}, not over at ${formatUtc(writtenAt)}`;
};

/** What was measured, and else that nobody did. */
const countsOf = ({ impact, probes }: Diagnosis): string => {
  const calls = probes.filter(({ name }) => THEIRS.test(name));
  const failed = calls.filter(({ outcome }) => outcome === 'failed').length;
  const own = `${failed} of ${calls.length} test calls failed`;
  const share = impact?.failingShare ?? null;
  const perMinute = impact?.requestsPerMinute ?? null;
  const users =
    share === null ? 'calls of our users were not counted' : `${percent(share)} of the calls of our users fail`;
  return `${own}; ${users}${perMinute === null ? '' : ` (${Math.round(perMinute)} calls a minute)`}`;
};

/** `eu answers, us fails (503)`. */
const regionsOf = ({ probes }: Diagnosis): string => {
  const asked = probes.flatMap((finding) => {
    const region = /^region:(.+)$/.exec(finding.name)?.[1];
    return region === undefined ? [] : [`${region} ${outcomeOf(finding)}`];
  });
  return asked.length === 0 ? 'the configured address alone was asked' : asked.join(', ');
};

const outcomeOf = ({ outcome, branch, evidence }: Finding): string => {
  if (outcome === 'ok') return 'answers';
  if (outcome === 'unknown') return 'not known';
  const why = [evidence?.status ?? '', branch ?? ''].filter((part) => part !== '').join(', ');
  return why === '' ? 'fails' : `fails (${why})`;
};

const statusPageOf = ({ probes }: Diagnosis): string => {
  const { indicator, incidents } = probes.find(({ name }) => name === 'status-page')?.facts ?? {};
  if (typeof indicator !== 'string') return 'not looked at';
  if (indicator === 'unreadable') return 'could not be read';
  return typeof incidents === 'number'
    ? `${plainText(indicator, 20)}, ${incidents} open ${incidents === 1 ? 'incident' : 'incidents'}`
    : plainText(indicator, 20);
};

/** One call as the provider can find it in its own logs. */
const callLines = (at: string, finding: Finding): readonly string[] => {
  const { evidence = {}, latencyMs } = finding;
  const ids = [
    ...(evidence.correlationId === undefined ? [] : [`correlation id ${evidence.correlationId}`]),
    ...(evidence.requestId === undefined || evidence.requestId === evidence.correlationId
      ? []
      : [`request id ${evidence.requestId}`]),
  ];
  const took = latencyMs > 0 ? `, ${Math.round(latencyMs)} ms` : '';
  return [
    `- ${formatUtc(evidence.serverDate ?? at)}  ${finding.name}: ${outcomeOf(finding)}${took}`,
    ...ids.map((id) => `    ${id}`),
  ];
};

const callsOf = (diagnoses: readonly Diagnosis[], which: RegExp): readonly string[] =>
  diagnoses
    .flatMap(({ at, probes }) => probes.filter(({ name }) => which.test(name)).map((finding) => ({ at, finding })))
    .slice(-MOST_CALLS)
    .flatMap(({ at, finding }) => callLines(at, finding));

const list = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];

/**
 * What to send to the provider, as plain text: numbers, names of models and ids. No prompt, no key, no name of a person, customer or
 * service of ours; titles of alerts stay out, because they may hold any of these.
 */
export const renderTicket = (input: TicketInput): string => {
  const { incident, diagnoses, tellCause, secrets } = input;
  const found = diagnoses.findLast(({ verdict }) => verdict !== 'healthy') ?? diagnoses.at(-1);
  const models = modelsIn(found?.probes ?? []);
  const cause = found === undefined ? null : tellCause(found);
  const text = [
    `Subject: ${cause === null ? 'Trouble with the Mistral API' : cause.replace(/\.$/, '')}`,
    '',
    'Please look into these calls to the Mistral API.',
    '',
    line('What we see', cause ?? 'not diagnosed yet'),
    ...(found === undefined ? [] : [line('Kind of failure', `${found.branch} (confidence ${found.confidence})`)]),
    line('Window', windowOf(input)),
    line('Models', models.length === 0 ? 'not known' : models.join(', ')),
    ...(found === undefined
      ? []
      : [line('Counts', countsOf(found)), line('Regions', regionsOf(found)), line('Status page', statusPageOf(found))]),
    line('Our reference', incident.id),
    ...list('Calls (time of your servers where they told it)', callsOf(diagnoses, THEIRS)),
    ...list('The way to you, as seen from here', callsOf(diagnoses, WAY)),
    '',
    'These are test calls of one token, or lists of models. This text holds no prompts, keys or names of customers.',
    '',
  ].join('\n');
  return redact(text, secrets);
};
