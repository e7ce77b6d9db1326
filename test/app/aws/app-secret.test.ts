import { describe, expect, it } from 'vitest';
import { createAppSecret } from '../../../lib/app/aws/app-secret.ts';
import { readAppSecret } from '../../../lib/app/aws/read-app-secret.ts';

const VALUES = {
  SLACK_BOT_TOKEN: 'test-bot-token',
  SLACK_SIGNING_SECRET: 'test-signing-secret',
  SLACK_CHANNEL: 'incidents',
  ALERTS_TOKEN: 'test-alerts-token-1',
};
const API = 'https://slack.example.com/api/';
const withToken = (token: string): string => JSON.stringify({ ...VALUES, ALERTS_TOKEN: token });

describe('the text of the app secret', () => {
  it('is read by the rules of the environment', () => {
    const text = JSON.stringify({
      ...VALUES,
      SLACK_SIGNING_SECRET: 'one, two',
      ALERTS_TOKEN: 'token-of-sixteen-1,token-of-sixteen-2',
    });
    expect(readAppSecret(text, API)).toMatchObject({
      slack: { token: 'test-bot-token', signingSecrets: ['one', 'two'], channel: 'incidents', apiUrl: API },
      alertsTokens: ['token-of-sixteen-1', 'token-of-sixteen-2'],
      mistakes: [],
    });
  });

  it.each([
    ['nothing', {}, ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_CHANNEL', 'ALERTS_TOKEN'], false, false],
    ['a blank channel', { ...VALUES, SLACK_CHANNEL: ' ' }, ['SLACK_CHANNEL'], false, true],
    ['a number for a token', { ...VALUES, SLACK_BOT_TOKEN: 5 }, ['SLACK_BOT_TOKEN'], false, true],
    ['a token with a line break', { ...VALUES, SLACK_BOT_TOKEN: 'one\ntwo' }, ['SLACK_BOT_TOKEN'], false, true],
    ['a token that can be guessed', { ...VALUES, ALERTS_TOKEN: 'short' }, ['ALERTS_TOKEN'], true, false],
    ['no alerts token', { ...VALUES, ALERTS_TOKEN: undefined }, ['ALERTS_TOKEN'], true, false],
  ])(
    'with %s says so of each member, shows no value, and keeps the part that is right',
    (_, members, named, slack, alerts) => {
      const read = readAppSecret(JSON.stringify(members), API);
      expect(read?.mistakes.map((mistake) => mistake.split(':')[0])).toEqual(named);
      expect([read?.slack !== null, read?.alertsTokens !== null]).toEqual([slack, alerts]);
      expect(read?.mistakes.join()).not.toMatch(/short|test-|\btwo\b/);
    },
  );

  it.each(['', 'test-alerts-token-1', '["a"]', 'null'])('that is no object of JSON is nothing: %j', (text) => {
    expect(readAppSecret(text, API)).toBe(null);
  });
});

/** A secret whose text, time and speed the test sets. `read` answers with the next text; an error stands for AWS's. */
const open = (first: string | Error) => {
  const state = { answer: first, nowMs: 1_000_000, reads: 0 };
  const waits: number[] = [];
  const lines: string[] = [];
  let late = (): Promise<void> => new Promise(() => undefined);
  let gate: Promise<void> = Promise.resolve();
  const secret = createAppSecret({
    readText: async () => {
      state.reads += 1;
      const { answer } = state;
      await gate;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    slackApiUrl: API,
    clock: { nowMs: () => state.nowMs },
    wait: (ms) => {
      waits.push(ms);
      return late();
    },
    log: (event, fields) => void lines.push(JSON.stringify({ event, ...fields })),
  });
  const tokens = async () => (await secret.now()).alertsTokens;
  const hang = () => {
    gate = new Promise(() => undefined);
    late = () => Promise.resolve();
  };
  return { secret, state, waits, lines, tokens, hang };
};

const DOWN = new RangeError('test-secret-place is down');

describe('the app secret', () => {
  it('is read once at the start, and again when it is five minutes old', async () => {
    const { state, tokens } = open(withToken('test-alerts-token-1'));
    await tokens();
    state.answer = withToken('test-alerts-token-2');
    state.nowMs += 299_999;
    expect([await tokens(), state.reads]).toEqual([['test-alerts-token-1'], 1]);
    state.nowMs += 1;
    expect([await tokens(), state.reads]).toEqual([['test-alerts-token-2'], 2]);
  });

  it('stays as it was while it cannot be read, which is logged without what AWS said', async () => {
    const { state, tokens, lines } = open(withToken('test-alerts-token-1'));
    await tokens();
    state.nowMs += 300_000;
    state.answer = DOWN;
    expect(await tokens()).toEqual(['test-alerts-token-1']);
    await tokens();
    expect(state.reads).toBe(2);
    state.nowMs += 10_000;
    await tokens();
    expect(state.reads).toBe(3);
    expect(lines[0]).toContain('"kept":true');
    expect(lines.join()).not.toContain('test-secret-place');
  });

  it('stays as it was while its new text is no JSON, and loses what is taken out of it', async () => {
    const { state, tokens } = open(withToken('test-alerts-token-1'));
    await tokens();
    state.nowMs += 300_000;
    state.answer = 'damaged';
    expect(await tokens()).toEqual(['test-alerts-token-1']);
    state.nowMs += 10_000;
    state.answer = JSON.stringify({ ...VALUES, ALERTS_TOKEN: undefined });
    expect(await tokens()).toBe(null);
  });

  it('is waited for 400 ms and no longer where an older one is at hand', async () => {
    const { state, waits, tokens, hang } = open(withToken('test-alerts-token-1'));
    await tokens();
    state.nowMs += 300_000;
    hang();
    expect(await tokens()).toEqual(['test-alerts-token-1']);
    expect(waits).toEqual([400]);
  });

  it('that could not be read is nothing, and is tried again a second later', async () => {
    const { secret, state, tokens } = open(DOWN);
    await secret.primed;
    expect([await tokens(), state.reads]).toEqual([null, 1]);
    state.answer = withToken('test-alerts-token-1');
    state.nowMs += 1_000;
    expect([await tokens(), state.reads]).toEqual([['test-alerts-token-1'], 2]);
  });

  it('with a mistake in it is read again after ten seconds, not after five minutes', async () => {
    const { state, tokens } = open(withToken('short'));
    expect(await tokens()).toBe(null);
    state.answer = withToken('test-alerts-token-1');
    state.nowMs += 9_999;
    expect(await tokens()).toBe(null);
    state.nowMs += 1;
    expect(await tokens()).toEqual(['test-alerts-token-1']);
  });

  it('is read again for a caller who is not believed, at most every ten seconds', async () => {
    const { secret, state } = open(withToken('test-alerts-token-1'));
    await secret.primed;
    state.answer = withToken('test-alerts-token-2');
    state.nowMs += 9_999;
    expect([await secret.newer(), state.reads]).toEqual([null, 1]);
    state.nowMs += 1;
    expect(await secret.newer()).toMatchObject({ alertsTokens: ['test-alerts-token-2'] });
    expect([await secret.newer(), state.reads]).toEqual([null, 2]);
  });

  it('is read once for all who ask at the same time', async () => {
    const { secret, state, tokens } = open(withToken('test-alerts-token-1'));
    await Promise.all([tokens(), tokens(), secret.newer()]);
    expect(state.reads).toBe(1);
  });
});
