import { describe, expect, it } from 'vitest';
import { buttonBody, buttonPayload, commandBody, NOW_MS, openHandler, press, signed, unsigned } from './slack-parts.ts';

const JSON_TYPE = 'application/json';
const NOW_S = NOW_MS / 1000;

describe('a signature', () => {
  const json = (body: unknown) => JSON.stringify(body);
  it.each([
    ['plain form', signed(commandBody())],
    ['form as base64', signed(commandBody(), { base64: true })],
    [
      'JSON with raw UTF-8 as base64',
      signed(json(buttonPayload(press({ value: 'café ☕' }))), { contentType: JSON_TYPE, base64: true }),
    ],
    ['form with a charset', signed(commandBody(), { contentType: 'application/x-www-form-urlencoded; charset=utf-8' })],
    [
      'odd case and spacing',
      signed(commandBody(), { contentType: 'Application/X-WWW-Form-URLencoded ;Charset="UTF-8"' }),
    ],
    ['five minutes old', signed(commandBody(), { atSeconds: NOW_S - 300 })],
    ['five minutes ahead', signed(commandBody(), { atSeconds: NOW_S + 300 })],
  ])('is accepted over the bytes as sent: %s', async (_, event) => {
    const { handle, queued } = await openHandler();
    expect((await handle(event)).statusCode).toBe(200);
    expect(await queued()).toHaveLength(1);
  });

  it('covers bytes, so text beyond ASCII arrives as it was typed', async () => {
    const { handle, queued } = await openHandler();
    const body = json(buttonPayload(press({ value: 'café ☕' })));
    await handle(signed(body, { contentType: JSON_TYPE, base64: true }));
    expect((await queued())[0]?.body).toMatchObject({ request: { value: 'café ☕' } });
  });

  const tampered = { ...signed(commandBody('ack')), body: commandBody('resolve') };
  it.each([
    ['no signature', unsigned(commandBody())],
    ['no signature, broken JSON', unsigned('{"type":', { contentType: JSON_TYPE })],
    ['no signature, empty', unsigned('')],
    ['no headers and no body', { ...unsigned(''), headers: {}, body: '' }],
    ['another secret', signed(commandBody(), { secret: 'test-signing-secret-other' })],
    ['another body', tampered],
    ['five minutes and a second old', signed(commandBody(), { atSeconds: NOW_S - 301 })],
    ['a day ahead', signed(commandBody(), { atSeconds: NOW_S + 86_400 })],
    ['a time that is no number', signed(commandBody(), { headers: { 'X-Slack-Request-Timestamp': 'NaN' } })],
    ['a shortened signature', signed(commandBody(), { headers: { 'X-Slack-Signature': 'v0=ab' } })],
    ['an unsigned challenge', unsigned('{"type":"url_verification","challenge":"c"}', { contentType: JSON_TYPE })],
  ])('is refused without a hint: %s', async (_, event) => {
    const { handle, queued } = await openHandler();
    expect(await handle(event)).toEqual({ statusCode: 401, headers: { 'x-slack-no-retry': '1' }, body: '' });
    expect(await queued()).toEqual([]);
  });

  it('is refused when no secret is configured', async () => {
    const { handle } = await openHandler({ signingSecrets: () => [] });
    expect((await handle(signed(commandBody(), { secret: '' }))).statusCode).toBe(401);
  });

  it('may be made with either secret during a rotation, and no longer with the old one after it', async () => {
    let secrets = ['test-signing-secret-old', 'test-signing-secret-new'];
    const { handle } = await openHandler({ signingSecrets: () => secrets });
    const status = async (secret: string) => (await handle(signed(commandBody(), { secret }))).statusCode;
    expect(await status('test-signing-secret-old')).toBe(200);
    expect(await status('test-signing-secret-new')).toBe(200);
    secrets = ['test-signing-secret-new'];
    expect(await status('test-signing-secret-old')).toBe(401);
    expect(await status('test-signing-secret-new')).toBe(200);
  });
});

describe('a signed body', () => {
  const asJson = (body: string) => signed(body, { contentType: JSON_TYPE });
  it.each([
    ['broken JSON', asJson('{"type":')],
    ['a JSON array', asJson('[]')],
    ['null', asJson('null')],
    ['nothing at all', asJson('')],
    ['a form whose payload is no JSON', signed('payload=%7B')],
    [
      'bytes that are no UTF-8',
      signed(Buffer.concat([Buffer.from(commandBody('ack ')), Buffer.from([0xff])]), { base64: true }),
    ],
    ['another media type', signed(commandBody(), { contentType: 'text/plain' })],
    ['another charset', signed(commandBody(), { contentType: 'application/x-www-form-urlencoded; charset=utf-16' })],
    ['no media type', signed(commandBody(), { contentType: '' })],
    ['a button without a person', signed(buttonBody({ user: undefined }))],
    ['a button without an action', signed(buttonBody({ actions: [] }))],
    [
      'a button with neither time nor trigger',
      signed(buttonBody({ ...press({ action_ts: undefined }), trigger_id: undefined })),
    ],
    ['a button outside of any channel', signed(buttonBody({ channel: null, container: { type: 'view' } }))],
    ['a command without a person', signed(new URLSearchParams({ command: '/mistral-triage' }).toString())],
    ['a challenge that is no text', asJson('{"type":"url_verification","challenge":{"a":1}}')],
  ])('that Slack would not send is 400: %s', async (_, event) => {
    const { handle, queued } = await openHandler();
    expect(await handle(event)).toEqual({ statusCode: 400, headers: { 'x-slack-no-retry': '1' }, body: '' });
    expect(await queued()).toEqual([]);
  });

  it.each([
    ['another command', signed(commandBody('', { command: '/deploy' }))],
    ['a view of nobody', asJson('{"type":"view_submission","user":{"id":"U1"},"team":{"id":"T1"},"view":{"id":"V1"}}')],
    ['an unknown type', asJson('{"type":"tomorrow"}')],
  ])('that nobody listens to is 404: %s', async (_, event) => {
    const { handle, queued } = await openHandler();
    expect((await handle(event)).statusCode).toBe(404);
    expect(await queued()).toEqual([]);
  });

  it('of an event that nobody listens to is acknowledged, so that Slack does not send it again', async () => {
    const { handle, queued } = await openHandler();
    const body =
      '{"type":"event_callback","team_id":"T0TRIAGE","event_id":"Ev1","event":{"type":"app_mention","user":"U0MAYA","channel":"C1"}}';
    expect((await handle(asJson(body))).statusCode).toBe(200);
    expect(await queued()).toEqual([]);
  });

  it('with a challenge is answered with the challenge', async () => {
    const { handle } = await openHandler();
    const result = await handle(asJson('{"type":"url_verification","challenge":"c-1"}'));
    expect(result).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: '{"challenge":"c-1"}',
    });
  });

  it('may have 256 kB and no byte more, signed or not', async () => {
    const { handle } = await openHandler();
    const big = Buffer.alloc(256 * 1024, 'a');
    expect((await handle(signed(big))).statusCode).toBe(404);
    const bigger = Buffer.concat([big, Buffer.from('a')]);
    const refused = await handle(signed(bigger));
    expect(refused).toEqual({ statusCode: 413, headers: { 'x-slack-no-retry': '1' }, body: '' });
    expect((await handle(unsigned(bigger))).statusCode).toBe(413);
  });

  it('with a text that no job could hold is answered with the limit', async () => {
    const { handle, queued } = await openHandler();
    const result = await handle(signed(commandBody(`update ${'x'.repeat(8000)}`)));
    expect(result.body).toContain('at most 8000 characters');
    expect(await queued()).toEqual([]);
  });
});
