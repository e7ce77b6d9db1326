import { App } from '@slack/bolt';
import { LogLevel } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { createReceiver } from '../../../lib/adapters/slack/receiver.ts';

const COMMAND = { command: '/x', user_id: 'U1', team_id: 'T1', channel_id: 'C1', trigger_id: '1' };

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  setName: () => undefined,
  getLevel: () => LogLevel.ERROR,
};

/** The real Bolt on our receiver, with one listener. */
const open = (listener: Parameters<App['command']>[1]) => {
  const { receiver, deliver } = createReceiver();
  const app = new App({
    receiver,
    authorize: () => Promise.resolve({}),
    tokenVerificationEnabled: false,
    logger: silent,
    logLevel: LogLevel.ERROR,
  });
  app.command('/x', listener);
  return {
    app,
    deliver: (body: Readonly<Record<string, unknown>>) => deliver({ body, retryNum: 2, retryReason: 'http_timeout' }),
  };
};

describe('the receiver under Bolt', () => {
  it('starts and stops without a server', async () => {
    const { app } = open(({ ack }) => ack());
    await app.start();
    await app.stop();
  });

  it.each([
    ['nothing', undefined, null],
    ['an empty text', '', null],
    ['a text', 'hello', '"hello"'],
    ['an object', { text: 'hello' }, '{"text":"hello"}'],
  ])('replies with what was acknowledged: %s', async (_, acked, json) => {
    const { deliver } = open(({ ack }) => ack(acked));
    expect(await deliver(COMMAND)).toEqual({ kind: 'acked', json });
  });

  it('replies with the first acknowledgement when there are two', async () => {
    const { deliver } = open(async ({ ack }) => {
      await ack('first');
      await ack('second');
    });
    expect(await deliver(COMMAND)).toEqual({ kind: 'acked', json: '"first"' });
  });

  it('says unhandled when no listener matches, and when one does not acknowledge', async () => {
    const { deliver } = open(() => Promise.resolve());
    expect(await deliver({ ...COMMAND, command: '/y' })).toEqual({ kind: 'unhandled' });
    expect(await deliver(COMMAND)).toEqual({ kind: 'unhandled' });
    expect(await deliver({})).toEqual({ kind: 'unhandled' });
  });

  it('says failed when a listener breaks before it acknowledged, but not after', async () => {
    const before = open(() => Promise.reject(new Error('broken')));
    expect(await before.deliver(COMMAND)).toEqual({ kind: 'failed' });
    const after = open(async ({ ack }) => {
      await ack();
      throw new Error('broken');
    });
    expect(await after.deliver(COMMAND)).toEqual({ kind: 'acked', json: null });
  });

  it('says failed before Bolt took it into service', async () => {
    const { deliver } = createReceiver();
    expect(await deliver({ body: COMMAND, retryNum: null, retryReason: null })).toEqual({ kind: 'failed' });
  });

  it('passes on how often Slack sent it before', async () => {
    const { deliver } = open(({ ack, context }) => ack(`${context.retryNum} ${context.retryReason}`));
    expect(await deliver(COMMAND)).toEqual({ kind: 'acked', json: '"2 http_timeout"' });
  });
});
