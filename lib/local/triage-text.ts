import { styleText } from 'node:util';
import { hasButton } from '../../templates/incident-buttons.ts';
import { wordByHand } from '../domain/by-hand.ts';
import type { Advice, CallEvidence, Diagnosis, Finding } from '../domain/diagnosis.ts';
import { detailsOf } from '../domain/diagnosis-words.ts';
import { isSlowChat } from '../domain/finding-facts.ts';
import { saidOf, whyBeyond } from '../domain/finding-words.ts';
import { MITIGATION_NAMES, nameOwner } from '../domain/names.ts';
import { formatUtc } from '../domain/utc.ts';
import { wrapLine } from './wrap.ts';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';
type Paint = (style: Style, text: string) => string;

const plain: Paint = (_style, text) => text;
/** Not by what the terminal is said to be able to: who asks for colour has looked. */
const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });

const OUTCOME_STYLE = { ok: 'green', failed: 'red', unknown: 'yellow' } as const;
const VERDICT_STYLE = { healthy: 'green', problem: 'red', unknown: 'yellow' } as const;
const VERDICT_WORDS = { healthy: 'Healthy', problem: 'Problem', unknown: 'Could not tell' } as const;

type FindingOptions = {
  readonly colour: boolean;
  readonly width?: number;
  readonly said?: string;
  /** Whether a failed answer is told with the ids by which Mistral finds it. */
  readonly ids?: boolean;
};

/** What is printed of one probe, also while others are still asked and nothing else says why. */
export const renderFinding = (finding: Finding, options: FindingOptions): string => {
  const paint = options.colour ? coloured : plain;
  const name = finding.name.padEnd(options.width ?? 0);
  const time = `${finding.latencyMs} ms`.padStart(9);
  const outcome = paint(OUTCOME_STYLE[finding.outcome], finding.outcome) + ' '.repeat(7 - finding.outcome.length);
  const why = whyBeyond(finding.why ?? '', options.said ?? '');
  const told = [finding.branch ?? '', why].filter((word) => word !== '').join(': ');
  const ids =
    options.ids === true && (finding.outcome === 'failed' || isSlowChat(finding)) ? nameIds(finding.evidence) : '';
  return `  ${name}  ${time}  ${outcome}  ${[told, ids].filter((word) => word !== '').join(', ')}`.trimEnd();
};

/** Each id once: some servers send the same under both names. */
const nameIds = ({ correlationId, requestId }: CallEvidence = {}): string =>
  [
    ...(correlationId === undefined ? [] : [`correlation id ${correlationId}`]),
    ...(requestId === undefined || requestId === correlationId ? [] : [`request id ${requestId}`]),
  ].join(', ');

/** The questions as a tree that grows to the right: each answer that was well leads on to the next question. */
const drawPath = (diagnosis: Diagnosis, paint: Paint): readonly Line[] =>
  diagnosis.path.flatMap(({ question, answer }, depth) => {
    const indent = '   '.repeat(Math.min(depth, 4));
    const lead = depth === 0 ? '' : `${indent.slice(3)}└─ `;
    return [{ text: `${lead}${question}`, hang: depth === 0 ? 2 : 3 }, { text: `${indent}${paint('bold', answer)}` }];
  });

/** A line, and how much further in it goes on where it is broken. */
type Line = { readonly text: string; readonly hang?: number };

/** Time, outcome and the room around them, before it says why. */
const PROBE_COLUMNS = 22;

const list = (title: string, lines: readonly (string | Line)[]): readonly Line[] =>
  lines.length === 0
    ? []
    : [
        { text: title },
        ...lines.map((line) =>
          typeof line === 'string' ? { text: `  ${line}` } : { ...line, text: `  ${line.text}` },
        ),
        { text: '' },
      ];

/** Beside each other, so that the eye finds the one that it looks for. */
const alignDetails = (diagnosis: Diagnosis): readonly Line[] => {
  const details = detailsOf(diagnosis);
  const width = Math.max(0, ...details.map((detail) => detail.title.length));
  return details.map((detail) => ({ text: `${detail.title.padEnd(width)}  ${detail.text}`, hang: width + 2 }));
};

const SOME_SERVICE = 'your service';

/** What a person does for it: a press in the chat, or work by hand where there is no button. null: a press. */
export const handOf = ({ kind, model }: Advice, service: string = SOME_SERVICE): string | null =>
  hasButton(kind) ? null : wordByHand(kind, service, model).replaceAll('`', '');

const tellHelp = (advice: Advice, service: string | undefined): string => {
  const hand = handOf(advice, service);
  const name = MITIGATION_NAMES[advice.kind];
  return hand === null ? `Press ${name}: ${advice.why}` : `${name}, by hand: ${hand} ${advice.why}`;
};

type TriageOptions = {
  readonly colour: boolean;
  /** Of which it is; named where work is done by hand. */
  readonly service?: string;
  /** Characters in a line of the terminal: longer ones are broken between words. */
  readonly columns?: number;
};

/** A diagnosis for the terminal: the path, the probes, the verdict, what to do and what not. Colour only when asked for. */
export const renderTriage = (diagnosis: Diagnosis, options: TriageOptions): string => {
  const paint = options.colour ? coloured : plain;
  const title = (text: string): string => paint('bold', text);
  const width = Math.max(0, ...diagnosis.probes.map((probe) => probe.name.length));
  const verdict = paint(VERDICT_STYLE[diagnosis.verdict], VERDICT_WORDS[diagnosis.verdict]);
  const severity = diagnosis.severity === null ? '' : `, ${diagnosis.severity}`;
  const { colour, columns = Number.POSITIVE_INFINITY, service } = options;
  const lines: readonly Line[] = [
    ...list(title('Path'), drawPath(diagnosis, paint)),
    ...list(
      title('Probes'),
      diagnosis.probes.map((probe) => ({
        text: renderFinding(probe, { colour, width, said: saidOf(diagnosis), ids: true }).slice(2),
        hang: width + PROBE_COLUMNS,
      })),
    ),
    ...list(title('Verdict'), [
      `${verdict}${severity}: ${diagnosis.cause}`,
      `${nameOwner(diagnosis)}. Branch ${diagnosis.branch}. Confidence ${diagnosis.confidence}. Asked ${formatUtc(diagnosis.at)}.`,
    ]),
    ...list(title('Details'), alignDetails(diagnosis)),
    ...list(
      title('What helps'),
      diagnosis.mitigations.map((advice) => tellHelp(advice, service)),
    ),
    ...list(
      title('What to do'),
      diagnosis.nextSteps.map((step, index) => ({ text: `${index + 1}. ${step}`, hang: 3 })),
    ),
    ...list(
      title('Not offered'),
      diagnosis.notOffered.map(({ kind, why }) => `${MITIGATION_NAMES[kind]}: ${why}`),
    ),
  ];
  return lines
    .flatMap(({ text, hang = 2 }) => wrapLine(text, columns, hang))
    .join('\n')
    .trimEnd()
    .concat('\n');
};
