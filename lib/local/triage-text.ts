import { styleText } from 'node:util';
import type { Advice, Diagnosis, Finding } from '../domain/diagnosis.ts';
import { detailsOf } from '../domain/diagnosis-words.ts';
import { saidOf, whyBeyond } from '../domain/finding-words.ts';
import { MITIGATION_NAMES, nameOwner } from '../domain/names.ts';
import { formatUtc } from '../domain/utc.ts';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';
type Paint = (style: Style, text: string) => string;

const plain: Paint = (_style, text) => text;
/** Not by what the terminal is said to be able to: who asks for colour has looked. */
const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });

const OUTCOME_STYLE = { ok: 'green', failed: 'red', unknown: 'yellow' } as const;
const VERDICT_STYLE = { healthy: 'green', problem: 'red', unknown: 'yellow' } as const;
const VERDICT_WORDS = { healthy: 'Healthy', problem: 'Problem', unknown: 'Could not tell' } as const;

/** What is printed of one probe, also while others are still asked and nothing else says why. */
export const renderFinding = (
  finding: Finding,
  options: { readonly colour: boolean; readonly width?: number; readonly said?: string },
): string => {
  const paint = options.colour ? coloured : plain;
  const name = finding.name.padEnd(options.width ?? 0);
  const time = `${finding.latencyMs} ms`.padStart(9);
  const outcome = paint(OUTCOME_STYLE[finding.outcome], finding.outcome) + ' '.repeat(7 - finding.outcome.length);
  const why = whyBeyond(finding.why ?? '', options.said ?? '');
  const told = [finding.branch ?? '', why].filter((word) => word !== '').join(': ');
  return `  ${name}  ${time}  ${outcome}  ${told}`.trimEnd();
};

/** The questions as a tree that grows to the right: each answer that was well leads on to the next question. */
const drawPath = (diagnosis: Diagnosis, paint: Paint): readonly string[] =>
  diagnosis.path.flatMap(({ question, answer }, depth) => {
    const indent = '   '.repeat(Math.min(depth, 4));
    const lead = depth === 0 ? '  ' : `  ${indent.slice(3)}└─ `;
    return [`${lead}${question}`, `  ${indent}${paint('bold', answer)}`];
  });

const list = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), ''];

/** Beside each other, so that the eye finds the one that it looks for. */
const alignDetails = (diagnosis: Diagnosis): readonly string[] => {
  const details = detailsOf(diagnosis);
  const width = Math.max(0, ...details.map((detail) => detail.title.length));
  return details.map((detail) => `${detail.title.padEnd(width)}  ${detail.text}`);
};

/** A diagnosis for the terminal: the path, the probes, the verdict, what to do and what not. Colour only when asked for. */
export const renderTriage = (diagnosis: Diagnosis, options: { readonly colour: boolean }): string => {
  const paint = options.colour ? coloured : plain;
  const title = (text: string): string => paint('bold', text);
  const width = Math.max(0, ...diagnosis.probes.map((probe) => probe.name.length));
  const verdict = paint(VERDICT_STYLE[diagnosis.verdict], VERDICT_WORDS[diagnosis.verdict]);
  const severity = diagnosis.severity === null ? '' : `, ${diagnosis.severity}`;
  const advice = (items: Diagnosis['mitigations']): readonly string[] =>
    items.map(({ kind, why }) => `${MITIGATION_NAMES[kind]}: ${why}`);
  return [
    title('Path'),
    ...drawPath(diagnosis, paint),
    '',
    ...list(
      title('Probes'),
      diagnosis.probes.map((probe) => renderFinding(probe, { ...options, width, said: saidOf(diagnosis) }).slice(2)),
    ),
    title('Verdict'),
    `  ${verdict}${severity}: ${diagnosis.cause}`,
    `  ${nameOwner(diagnosis)}. Branch ${diagnosis.branch}. Confidence ${diagnosis.confidence}. Asked ${formatUtc(diagnosis.at)}.`,
    '',
    ...list(title('Details'), alignDetails(diagnosis)),
    ...list(title('What to press'), advice(diagnosis.mitigations)),
    ...list(
      title('What to do'),
      diagnosis.nextSteps.map((step, index) => `${index + 1}. ${step}`),
    ),
    ...list(title('Not offered'), advice(diagnosis.notOffered)),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
};

const tellAdvice = ({ kind, why }: Advice): Pick<Advice, 'kind' | 'why'> => ({ kind, why });

/**
 * The machine-readable form, member by member as the contract lists them; `mistral` is the address that was asked, or `embedded`. On one
 * line where another one follows it.
 */
export const triageJson = (diagnosis: Diagnosis, mistral: string, how: { readonly oneLine?: boolean } = {}): string => {
  const { verdict, branch, owner, severity, confidence, cause, path, mitigations, notOffered, nextSteps } = diagnosis;
  const probes = diagnosis.probes.map((probe) => ({
    name: probe.name,
    outcome: probe.outcome,
    ...(probe.branch === undefined ? {} : { branch: probe.branch }),
    latencyMs: probe.latencyMs,
    ...(probe.why === undefined ? {} : { why: probe.why }),
  }));
  const { blind, impact, matrix, latency, nextQuestion, sinceDeploy } = diagnosis;
  const judged = { verdict, branch, owner, severity, confidence, cause, mistral, path, probes };
  const advised = { mitigations: mitigations.map(tellAdvice), notOffered: notOffered.map(tellAdvice) };
  const known = { ...judged, ...advised, nextSteps };
  // What is not known is left out, as JSON does with what is undefined.
  const shown = { ...known, blind, impact, matrix, latency, nextQuestion, sinceDeploy };
  return `${how.oneLine === true ? JSON.stringify(shown) : JSON.stringify(shown, null, 2)}\n`;
};
