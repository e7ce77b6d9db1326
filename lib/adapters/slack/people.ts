import * as z from 'zod/mini';
import { ChatError, type ChatPeople } from '../../ports/chat.ts';
import type { CallSlack } from './call.ts';
import type { Channels } from './channels.ts';
import { wasRefused } from './failure.ts';

const USER = z.object({
  user: z.object({
    id: z.string(),
    name: z.nullish(z.string()),
    real_name: z.nullish(z.string()),
    profile: z.nullish(z.object({ display_name: z.nullish(z.string()), real_name: z.nullish(z.string()) })),
    deleted: z.nullish(z.boolean()),
    is_bot: z.nullish(z.boolean()),
    is_restricted: z.nullish(z.boolean()),
    is_ultra_restricted: z.nullish(z.boolean()),
    is_stranger: z.nullish(z.boolean()),
  }),
});

type User = z.output<typeof USER>['user'];

const GROUPS = z.object({ usergroups: z.array(z.object({ id: z.string(), handle: z.string() })) });

/** People and groups are asked for at each call: whoever left the on-call group a minute ago may not rotate a key now. */
export const createPeople = (call: CallSlack, channels: Channels): ChatPeople => ({
  whisper: async (to, message) => {
    const channel = await channels.find(to.channel);
    const content = { text: message.text, blocks: message.blocks, link_names: false, parse: 'none' };
    await channels.asMember(channel, () =>
      call('chat.postEphemeral', { channel, user: to.user, ...content }, z.object({})),
    );
  },
  person: async (user) => {
    try {
      return describe((await call('users.info', { user }, USER)).user);
    } catch (error) {
      if (wasRefused(error, 'users.info', 'user_not_found')) return null;
      throw error;
    }
  },
  groupMembers: async (group) => {
    const usergroup = GROUP_ID.test(group) ? group : await findGroup(call, group.replace(/^@/, ''));
    return (await call('usergroups.users.list', { usergroup }, z.object({ users: z.array(z.string()) }))).users;
  },
});

/** Handles are lower case, ids are not. */
const GROUP_ID = /^S[A-Z0-9]+$/;

const findGroup = async (call: CallSlack, handle: string): Promise<string> => {
  const { usergroups } = await call('usergroups.list', { include_disabled: false }, GROUPS);
  const found = usergroups.find((group) => group.handle === handle);
  if (found === undefined) throw new ChatError('no-permission', `Slack knows no user group @${handle}`);
  return found.id;
};

/**
 * Slack leaves a flag out where it does not hold. Guests, people of other workspaces and the deactivated count as restricted;
 * Slackbot says that it is no bot.
 */
const describe = (user: User) => ({
  name: [user.profile?.display_name, user.profile?.real_name, user.real_name, user.name].find(Boolean) ?? user.id,
  isBot: user.is_bot === true || user.id === 'USLACKBOT',
  isRestricted: [user.is_restricted, user.is_ultra_restricted, user.is_stranger, user.deleted].includes(true),
});
