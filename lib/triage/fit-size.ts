import { Buffer } from 'node:buffer';
import type { CallEvidence, Diagnosis, Finding } from '../domain/diagnosis.ts';
import { clip, plainText } from '../domain/plain-text.ts';

/** Room for a diagnosis before its plan: with it, and with the incident around it, it is one record and one queue message. */
const MOST_BYTES = 9_500;

type Thinner = (diagnosis: Diagnosis) => Diagnosis;

const overProbes =
  (change: (finding: Finding) => Finding): Thinner =>
  (diagnosis) => ({ ...diagnosis, probes: diagnosis.probes.map(change) });

const word = (text: string): string => plainText(text, 80);

const ids = ({ status, correlationId, requestId }: CallEvidence): CallEvidence => ({
  ...(status === undefined ? {} : { status }),
  ...(correlationId === undefined ? {} : { correlationId: word(correlationId) }),
  ...(requestId === undefined ? {} : { requestId: word(requestId) }),
});

const withoutFacts = ({ facts: _, ...finding }: Finding): Finding => finding;
const withIds = (finding: Finding): Finding =>
  finding.evidence === undefined ? finding : { ...finding, evidence: ids(finding.evidence) };
const withoutEvidence = ({ evidence: _, ...finding }: Finding): Finding => finding;
const inShort = ({ why, ...finding }: Finding): Finding => ({
  ...finding,
  name: plainText(finding.name, 100),
  question: word(finding.question),
  ...(why === undefined ? {} : { why: word(why) }),
});

/** What the plan leans on goes last: the standby key, the model list and the regions, then what failed. */
const worth = ({ name, outcome }: Finding): number => {
  if (name === 'standby') return 3;
  if (name === 'models' || name.startsWith('region:')) return 2;
  return outcome === 'failed' ? 1 : 0;
};

const keep = (count: number): Thinner => {
  return (diagnosis) => {
    const kept = new Set(diagnosis.probes.toSorted((one, other) => worth(other) - worth(one)).slice(0, count));
    return { ...diagnosis, probes: diagnosis.probes.filter((probe) => kept.has(probe)) };
  };
};

const shorten: Thinner = (diagnosis) => ({
  ...diagnosis,
  cause: clip(diagnosis.cause.replace(/\.$/, ''), 300).concat('.'),
  path: diagnosis.path.slice(0, 12).map(({ question, answer }) => ({ question: word(question), answer: word(answer) })),
  ...(diagnosis.blind === undefined ? {} : { blind: diagnosis.blind.slice(0, 12).map(word) }),
  ...(diagnosis.impact === undefined
    ? {}
    : { impact: { ...diagnosis.impact, models: diagnosis.impact.models.slice(0, 12).map(word) } }),
  ...(diagnosis.matrix === undefined
    ? {}
    : { matrix: diagnosis.matrix.slice(0, 12).map((row) => ({ ...row, model: word(row.model) })) }),
});

/** In this order, until it fits: what few look at goes first, and no answer is dropped while its details can be. */
const THINNERS: readonly Thinner[] = [
  // By those of the calls the plan goes, and who tells later whether they are still as slow.
  overProbes((finding) => (finding.outcome === 'ok' && finding.name !== 'traffic' ? withoutFacts(finding) : finding)),
  overProbes(withIds),
  overProbes(withoutFacts),
  overProbes(inShort),
  shorten,
  overProbes((finding) => (finding.outcome === 'ok' ? withoutEvidence(finding) : finding)),
  keep(24),
  overProbes(withoutEvidence),
  keep(12),
  keep(4),
];

const bytes = (diagnosis: Diagnosis): number => Buffer.byteLength(JSON.stringify(diagnosis));

/** The diagnosis at a size that can be stored and shown; as it is, where it fits. */
export const fitSize = (diagnosis: Diagnosis): Diagnosis =>
  THINNERS.reduce((told, thin) => (bytes(told) <= MOST_BYTES ? told : thin(told)), diagnosis);
