import type { AheadRecord, ModelEnd } from '../domain/ahead.ts';
import type { Finding, ProbeFacts } from '../domain/diagnosis.ts';
import { plainText } from '../domain/plain-text.ts';

export type AheadInput = {
  readonly models: readonly string[];
  readonly findings: readonly Finding[];
  /** When the findings were asked for. */
  readonly atMs: number;
  readonly nowMs: number;
  readonly known: AheadRecord;
  /** Ends that the configuration names, by model. */
  readonly ends: Readonly<Record<string, ModelEnd>>;
  /** null: no fallback model is configured. */
  readonly fallback: string | null;
};

const LONGEST_NAME = 80;

/** A name out of facts, on one line; null where there is none. */
export const word = (text: unknown): string | null =>
  typeof text === 'string' && text.trim() !== '' ? plainText(text, LONGEST_NAME) : null;

export const findingOf = ({ findings }: AheadInput, name: string): Finding | undefined =>
  findings.find((finding) => finding.name === name);

/** Whether facts were looked at. An answer that was well and brings none was thinned, and says nothing about what it held. */
export const isLookedAt = (finding: Finding | undefined): finding is Finding & { readonly facts: ProbeFacts } =>
  finding?.outcome === 'ok' && finding.facts !== undefined;
