import { describe, expect, it } from 'vitest';
import { actions, openSlack, plain, wordOf } from './open.ts';

const input = (blockId: string, more: object = {}) => ({
  type: 'input' as const,
  block_id: blockId,
  label: plain(blockId),
  element: { type: 'plain_text_input' as const, action_id: 'text' },
  ...more,
});

const modal = (more: object = {}) => ({
  type: 'modal' as const,
  callback_id: 'resolve',
  private_metadata: 'INC-1',
  title: plain('Resolve'),
  submit: plain('Send'),
  blocks: [input('why')],
  ...more,
});

const openWithModal = async (view = modal()) => {
  const slack = await openSlack();
  const { ts } = await slack.client.chat.postMessage({ channel: 'incidents', text: 'x', blocks: [actions('open')] });
  await slack.press('click', { user: 'U0MAYA', channel: 'incidents', ts, action_id: 'open' });
  const trigger_id = String(slack.bot.payload()['trigger_id']);
  const opened = await slack.client.views.open({ trigger_id, view });
  const view_id = String(opened.view?.id);
  const submit = (values: object = {}) => slack.press('submit', { user: 'U0MAYA', view_id, values });
  return { ...slack, trigger_id, view_id, hash: String(opened.view?.hash), submit };
};

const openWithTrigger = async () => {
  const slack = await openSlack();
  await slack.press('command', { user: 'U0NOAH', channel: 'incidents', text: '/mistral-triage' });
  return { ...slack, trigger_id: String(slack.bot.heard[0]?.form.get('trigger_id')) };
};

describe('a trigger', () => {
  it('opens one modal, for the person who pressed', async () => {
    const { client, trigger_id, look } = await openWithTrigger();
    await client.views.open({ trigger_id, view: modal() });
    expect((await look('U0NOAH')).view).toMatchObject({ callback_id: 'resolve', private_metadata: 'INC-1' });
    expect((await look('U0MAYA')).view).toBeNull();
    expect(await wordOf(client.views.open({ trigger_id, view: modal() }))).toBe('exchanged_trigger_id');
  });

  it('lives three seconds', async () => {
    const { client, trigger_id, clock } = await openWithTrigger();
    clock.ms += 3_001;
    expect(await wordOf(client.views.open({ trigger_id, view: modal() }))).toBe('expired_trigger_id');
    clock.ms -= 1;
    expect(await wordOf(client.views.open({ trigger_id, view: modal() }))).toBe('ok');
  });

  it('is not spent by a view that is refused, and cannot be made up', async () => {
    const { client, trigger_id } = await openWithTrigger();
    expect(await wordOf(client.views.open({ trigger_id, view: modal({ title: plain('x'.repeat(25)) }) }))).toBe(
      'invalid_arguments',
    );
    expect(await wordOf(client.views.open({ trigger_id: '1.2.made-up', view: modal() }))).toBe('invalid_trigger_id');
    expect(await wordOf(client.views.open({ trigger_id, view: modal() }))).toBe('ok');
  });
});

describe('an open modal', () => {
  it('is updated by id or by external id, not with an old hash, and keeps its place', async () => {
    const { client, view_id, hash, look } = await openWithModal(modal({ external_id: 'mine' }));
    const changed = await client.views.update({
      view_id,
      hash,
      view: modal({ title: plain('Two'), external_id: 'mine' }),
    });
    expect(await wordOf(client.views.update({ view_id, hash, view: modal() }))).toBe('hash_conflict');
    expect(changed.view?.hash).not.toBe(hash);
    await client.views.update({ external_id: 'mine', view: modal({ title: plain('Three') }) });
    expect((await look('U0MAYA')).view).toMatchObject({ id: view_id, title: plain('Three') });
    expect(await wordOf(client.views.update({ view_id: 'V0GONE', view: modal() }))).toBe('not_found');
  });

  it('sends what was entered, with ids and metadata, and closes on an empty answer', async () => {
    const { bot, submit, look, view_id } = await openWithModal();
    expect(await submit({ why: { text: 'rolled back' } })).toEqual({ ok: true, status: 200 });
    expect(bot.payload()).toMatchObject({
      type: 'view_submission',
      user: { id: 'U0MAYA' },
      team: { id: 'T0TRIAGE' },
      view: {
        id: view_id,
        callback_id: 'resolve',
        private_metadata: 'INC-1',
        state: { values: { why: { text: { type: 'plain_text_input', value: 'rolled back' } } } },
      },
    });
    expect((await look('U0MAYA')).view).toBeNull();
    expect(await submit({ why: { text: 'again' } })).toEqual({ ok: false, why: 'no such modal' });
  });

  it('asks for what is required before the bot hears of it', async () => {
    const { bot, submit } = await openWithModal();
    const heard = bot.heard.length;
    expect(await submit({ why: { text: '' } })).toMatchObject({
      ok: false,
      errors: { why: 'Please complete this required field.' },
    });
    expect(await submit({ __proto__: { text: 'x' } })).toMatchObject({ ok: false });
    expect(bot.heard.length).toBe(heard);
  });

  it.each([
    ['a number', { type: 'number_input', is_decimal_allowed: false, action_id: 'text' }, 'many', '12', { value: '12' }],
    [
      'a text of at least 3',
      { type: 'plain_text_input', min_length: 3, action_id: 'text' },
      'ab',
      'abc',
      { value: 'abc' },
    ],
    [
      'a text of at most 3',
      { type: 'plain_text_input', max_length: 3, action_id: 'text' },
      'abcd',
      'abc',
      { value: 'abc' },
    ],
    [
      'one of a menu',
      { type: 'static_select', action_id: 'text', options: [{ text: plain('P1'), value: 'P1' }] },
      'P9',
      'P1',
      { selected_option: { value: 'P1' } },
    ],
    [
      'some of the boxes',
      {
        type: 'checkboxes',
        action_id: 'text',
        options: [
          { text: plain('a'), value: 'a' },
          { text: plain('b'), value: 'b' },
        ],
      },
      ['a', 'c'],
      ['a', 'b'],
      { selected_options: [{ value: 'a' }, { value: 'b' }] },
    ],
    ['a person', { type: 'users_select', action_id: 'text' }, '', 'U0NOAH', { selected_user: 'U0NOAH' }],
  ])('takes %s and nothing else', async (_name, element, bad, good, value) => {
    const { bot, submit } = await openWithModal(modal({ blocks: [input('why', { element })] }));
    expect(await submit({ why: { text: bad } })).toMatchObject({ ok: false, why: 'errors' });
    expect(await submit({ why: { text: good } })).toMatchObject({ ok: true });
    expect(bot.payload()['view']).toMatchObject({ state: { values: { why: { text: value } } } });
  });

  it('shows errors and stays; another view takes its place; a pushed one goes on top', async () => {
    const { bot, submit, look, view_id, press } = await openWithModal();
    bot.answerWith(200, JSON.stringify({ response_action: 'errors', errors: { why: 'More, please.' } }));
    expect(await submit({ why: { text: 'x' } })).toEqual({
      ok: false,
      why: 'errors',
      errors: { why: 'More, please.' },
    });
    bot.answerWith(200, JSON.stringify({ response_action: 'update', view: modal({ title: plain('Next') }) }));
    expect(await submit({ why: { text: 'x' } })).toMatchObject({ ok: true });
    expect((await look('U0MAYA')).view).toMatchObject({ id: view_id, title: plain('Next') });
    bot.answerWith(200, JSON.stringify({ response_action: 'push', view: modal({ title: plain('Top') }) }));
    await submit({ why: { text: 'x' } });
    const top = (await look('U0MAYA')).view;
    expect(top).toMatchObject({ title: plain('Top'), previous_view_id: view_id, root_view_id: view_id });
    bot.answerWith(200);
    await press('view-close', { user: 'U0MAYA', view_id: top?.['id'] });
    expect((await look('U0MAYA')).view).toMatchObject({ id: view_id });
    bot.answerWith(200, JSON.stringify({ response_action: 'clear' }));
    await submit({ why: { text: 'x' } });
    expect((await look('U0MAYA')).view).toBeNull();
  });

  it.each([
    ['text', 'thanks'],
    ['an unknown action', JSON.stringify({ response_action: 'explode' })],
    ['an invalid view', JSON.stringify({ response_action: 'update', view: { type: 'modal' } })],
  ])('stays open when the bot answers with %s', async (_name, body) => {
    const { bot, submit, look, view_id } = await openWithModal();
    bot.answerWith(200, body);
    expect(await submit({ why: { text: 'x' } })).toMatchObject({ ok: false });
    expect((await look('U0MAYA')).view).toMatchObject({ id: view_id });
  });

  it('belongs to its person', async () => {
    const { press, view_id } = await openWithModal();
    expect(await press('submit', { user: 'U0NOAH', view_id, values: {} })).toEqual({ ok: false, why: 'no such modal' });
  });

  it('tells the bot of its buttons, and of its end only when asked to', async () => {
    const { bot, press, view_id, client } = await openWithModal(
      modal({ notify_on_close: true, blocks: [actions('more')] }),
    );
    await press('view-click', { user: 'U0MAYA', view_id, action_id: 'more' });
    const payload = bot.payload();
    expect(payload).toMatchObject({
      type: 'block_actions',
      container: { type: 'view', view_id },
      actions: [{ action_id: 'more' }],
    });
    const pushed = await client.views.push({ trigger_id: String(payload['trigger_id']), view: modal() });
    expect(pushed.view?.previous_view_id).toBe(view_id);
    const heard = bot.heard.length;
    await press('view-close', { user: 'U0MAYA', view_id: pushed.view?.id });
    expect(bot.heard.length).toBe(heard);
    await press('view-close', { user: 'U0MAYA', view_id });
    expect(bot.payload()).toMatchObject({ type: 'view_closed', view: { id: view_id } });
  });
});
