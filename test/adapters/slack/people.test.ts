import { describe, expect, it } from 'vitest';
import { type Call, openScript } from './script.ts';

describe('a person', () => {
  const describePerson = async (user: Readonly<Record<string, unknown>>) => {
    const { chat } = await openScript({ 'users.info': { ok: true, user: { id: 'U1', name: 'maya', ...user } } });
    return chat.person('U1');
  };

  it.each([
    ['a guest', { is_restricted: true }],
    ['a guest of one channel', { is_ultra_restricted: true }],
    ['from another workspace', { is_stranger: true }],
    ['deactivated', { deleted: true }],
  ])('counts as restricted who is %s', async (_, user) => {
    expect(await describePerson(user)).toEqual({ name: 'maya', isBot: false, isRestricted: true });
  });

  it('has no flags where nothing is true, whether Slack says so or leaves it out', async () => {
    const plain = { name: 'maya', isBot: false, isRestricted: false };
    expect(await describePerson({})).toEqual(plain);
    expect(await describePerson({ is_bot: false, is_restricted: null, deleted: false })).toEqual(plain);
  });

  it.each([
    [{ profile: { display_name: 'May', real_name: 'Maya Ortiz' } }, 'May'],
    [{ profile: { display_name: '', real_name: 'Maya Ortiz' } }, 'Maya Ortiz'],
    [{ real_name: 'Maya O.' }, 'Maya O.'],
    [{ name: undefined }, 'U1'],
  ])('is called what Slack shows: %j', async (user, name) => {
    expect(await describePerson(user)).toMatchObject({ name });
  });

  it('called Slackbot is a bot, whatever Slack says', async () => {
    expect(await describePerson({ id: 'USLACKBOT', is_bot: false })).toMatchObject({ isBot: true });
  });

  it('whom we may not see is not the same as nobody', async () => {
    const { chat } = await openScript({ 'users.info': { ok: false, error: 'user_not_visible' } });
    await expect(chat.person('U1')).rejects.toMatchObject({ failure: 'no-permission' });
  });

  it('who left the group a moment ago is no member any more', async () => {
    const { chat } = await openScript({
      'usergroups.users.list': (_: Call, nth: number) => ({ ok: true, users: nth === 0 ? ['U1', 'U2'] : ['U2'] }),
    });
    expect(await chat.groupMembers('S0ONCALL')).toEqual(['U1', 'U2']);
    expect(await chat.groupMembers('S0ONCALL')).toEqual(['U2']);
  });
});
