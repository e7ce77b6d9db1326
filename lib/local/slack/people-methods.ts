import { missing, refuse } from './answer.ts';
import { flagOf, textOf } from './arguments.ts';
import type { Method } from './method.ts';
import { EVERYBODY, GROUPS, type Person, WORKSPACE } from './workspace.ts';

const toSlackUser = (person: Person): Readonly<Record<string, unknown>> => ({
  id: person.id,
  team_id: WORKSPACE.teamId,
  name: person.handle,
  real_name: person.name,
  deleted: false,
  tz: 'Etc/UTC',
  tz_offset: 0,
  profile: { real_name: person.name, display_name: person.handle, team: WORKSPACE.teamId },
  is_admin: false,
  is_owner: false,
  is_restricted: false,
  is_ultra_restricted: false,
  is_bot: person.isBot,
  is_app_user: false,
});

const authTest: Method = (call) => ({
  ok: true,
  url: `${call.origin}/`,
  team: WORKSPACE.teamName,
  user: 'mistral-triage',
  team_id: WORKSPACE.teamId,
  user_id: WORKSPACE.botUserId,
  bot_id: WORKSPACE.botId,
  is_enterprise_install: false,
});

const usersInfo: Method = (call) => {
  const id = textOf(call.args, 'user');
  if (id === '') return missing('user');
  const person = EVERYBODY.find((one) => one.id === id);
  return person === undefined ? refuse('user_not_found') : { ok: true, user: toSlackUser(person) };
};

const usersList: Method = () => ({
  ok: true,
  members: EVERYBODY.map(toSlackUser),
  response_metadata: { next_cursor: '' },
});

const groupsList: Method = (call) => ({
  ok: true,
  usergroups: GROUPS.map((group) => ({
    id: group.id,
    team_id: WORKSPACE.teamId,
    is_usergroup: true,
    name: group.name,
    handle: group.handle,
    description: '',
    date_delete: 0,
    ...(flagOf(call.args, 'include_users') ? { users: group.users } : {}),
    user_count: group.users.length,
  })),
});

const groupUsers: Method = (call) => {
  const id = textOf(call.args, 'usergroup');
  if (id === '') return missing('usergroup');
  const group = GROUPS.find((one) => one.id === id);
  return group === undefined ? refuse('no_such_subteam') : { ok: true, users: group.users };
};

export const PEOPLE_METHODS: Readonly<Record<string, Method>> = {
  'auth.test': authTest,
  'users.info': usersInfo,
  'users.list': usersList,
  'usergroups.list': groupsList,
  'usergroups.users.list': groupUsers,
};
