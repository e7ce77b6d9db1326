import type { Finding } from '../domain/diagnosis.ts';
import { clip } from '../domain/plain-text.ts';
import { DEFAULT_LIMITS_MS, type PlanInput, planProbes } from '../probes/plan-probes.ts';
import { renderFinding } from './triage-text.ts';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
/** Fewer characters of a reason say nothing. */
const LEAST_WHY = 8;
const CLEAR_DOWN = '\u001B[0J';
const lineUp = (lines: number): string => (lines === 0 ? '' : `\u001B[${lines}A`);

export type NamesInput = Omit<PlanInput, 'key' | 'readStandby'>;

/** Names of everything that will be asked, before it is. */
export const namesAsked = (input: NamesInput): readonly string[] =>
  planProbes({ ...input, key: null, readStandby: () => Promise.resolve(null) }, DEFAULT_LIMITS_MS).map(
    ({ probe }) => probe.name,
  );

export type LiveInput = {
  /** Names of what is asked, in the order of the list. */
  readonly names: readonly string[];
  readonly colour: boolean;
  /** Characters in a line: one that is broken would be cleared wrong. */
  readonly columns: number;
  /** Lines of the screen: what has scrolled away cannot be drawn again. */
  readonly lines: number;
};

type Row = { readonly name: string; readonly finding: Finding | null };

/** One line for each question, with the time that it takes while it has no answer. Lines never hold more than the terminal is wide. */
const renderLive = (rows: readonly Row[], elapsedMs: number, { colour, columns }: LiveInput): readonly string[] => {
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  const spinner = SPINNER[Math.floor(elapsedMs / FRAME_MS) % SPINNER.length] ?? '';
  return rows.map(({ name, finding }) => {
    if (finding === null)
      return clip(
        `  ${name.padEnd(width)}  ${`${(elapsedMs / 1_000).toFixed(1)} s`.padStart(9)}  ${spinner}`,
        columns - 1,
      );
    // Cut before it is coloured: colours have no width.
    const short = renderFinding({ ...finding, why: '' }, { colour: false, width });
    const room = columns - 3 - short.length;
    if (room < 0) return clip(short, columns - 1);
    const why = room < LEAST_WHY ? '' : clip(finding.why ?? '', room);
    return renderFinding({ ...finding, why }, { colour, width });
  });
};

/** Draws over itself until it is closed, and then leaves nothing behind: the diagnosis that follows says all of it. */
export const openLive = (
  input: LiveInput,
  { write, nowMs }: { readonly write: (text: string) => void; readonly nowMs: () => number },
) => {
  const startedMs = nowMs();
  const found = new Map<string, Finding>();
  let drawn = 0;
  const draw = (): void => {
    const names = [...new Set([...input.names, ...found.keys()])];
    const rows = names.map((name) => ({ name, finding: found.get(name) ?? null }));
    const lines = renderLive(rows, nowMs() - startedMs, input).slice(0, Math.max(1, input.lines - 2));
    write(`${lineUp(drawn)}\r${CLEAR_DOWN}${lines.map((line) => `${line}\n`).join('')}`);
    drawn = lines.length;
  };
  const timer = setInterval(draw, FRAME_MS);
  draw();
  return {
    answer: (finding: Finding): void => {
      found.set(finding.name, finding);
      draw();
    },
    close: (): void => {
      clearInterval(timer);
      write(`${lineUp(drawn)}\r${CLEAR_DOWN}`);
    },
  };
};
