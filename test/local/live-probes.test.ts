import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Finding } from '../../lib/domain/diagnosis.ts';
import { openLive } from '../../lib/local/live-probes.ts';
import { finding } from '../triage/findings.ts';

const INPUT = { names: ['models', 'chat:small'], colour: false, columns: 60, lines: 20 };

const ESCAPE = String.fromCharCode(27);
const COLOURS = new RegExp(`${ESCAPE}\\[\\d+m`, 'g');
const PIECES = new RegExp(`${ESCAPE}\\[(\\d+)A|${ESCAPE}\\[0J|\\r|\\n|[^${ESCAPE}\\r\\n]+`, 'g');

/** As much of a terminal as is drawn with: up, back to the left, clear below, text. */
const openScreen = () => {
  let lines = [''];
  let row = 0;
  const write = (text: string): void => {
    for (const [piece] of text.replace(COLOURS, '').matchAll(PIECES)) {
      const up = /\[(\d+)A/.exec(piece);
      if (up) row -= Number(up[1]);
      else if (piece.endsWith('[0J')) lines = [...lines.slice(0, row), ''];
      else if (piece === '\n') {
        row += 1;
        lines[row] ??= '';
      } else if (piece !== '\r') lines[row] = (lines[row] ?? '') + piece;
    }
  };
  return { write, shown: () => lines.slice(0, -1).map((line) => line.trimEnd()), row: () => row };
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const open = (change: Partial<typeof INPUT> = {}) => {
  const screen = openScreen();
  screen.write('before\n');
  const live = openLive({ ...INPUT, ...change }, { write: screen.write, nowMs: Date.now });
  return { screen, live };
};

const answered = (name: string, change: Partial<Finding> = {}): Finding => ({
  ...finding(name, 'ok'),
  latencyMs: 84,
  ...change,
});

describe('probes in a terminal', () => {
  it('stand in one line each, with the time that passes until they answer', () => {
    const { screen, live } = open();
    vi.advanceTimersByTime(1_200);
    live.answer(answered('chat:small'));
    expect(screen.shown()).toEqual([
      'before',
      expect.stringMatching(/^ {2}models {10}1\.2 s {2}\S$/),
      '  chat:small      84 ms  ok',
    ]);
    vi.advanceTimersByTime(100);
    expect(screen.shown()[1]).toContain('1.3 s');
    live.close();
  });

  it('that nobody announced stand below, and one that is asked again in its place', () => {
    const { screen, live } = open();
    live.answer(answered('extra'));
    live.answer(answered('models', { outcome: 'failed' }));
    live.answer(answered('models'));
    expect(screen.shown().map((line) => line.trim().split(/ +/)[0])).toEqual([
      'before',
      'models',
      'chat:small',
      'extra',
    ]);
    live.close();
  });

  it('leave nothing behind, and draw no more', () => {
    const { screen, live } = open();
    live.answer(answered('models'));
    live.close();
    vi.advanceTimersByTime(1_000);
    expect([screen.shown(), screen.row()]).toEqual([['before'], 1]);
  });

  it('never take more lines than the screen has', () => {
    const { screen, live } = open({ lines: 3 });
    expect(screen.shown()).toHaveLength(2);
    live.close();
  });

  it.each([20, 40, 60, 200])('fit into %s columns, in colour too', (columns) => {
    const long = answered('models', {
      outcome: 'failed',
      branch: 'net.tls_untrusted_interception',
      why: 'x'.repeat(300),
    });
    for (const colour of [false, true]) {
      const { screen, live } = open({ columns, colour, names: ['models', 'a-name-that-is-rather-long'] });
      live.answer(long);
      for (const line of screen.shown().slice(1)) expect(line.length).toBeLessThan(columns);
      live.close();
    }
  });
});
