import type { Ephemeral } from './ephemerals.ts';
import { toSlackMessage } from './messages.ts';
import type { Session } from './session.ts';
import type { Channel, Message } from './state.ts';
import { type OpenView, toSlackView } from './views.ts';
import { type Person, WORKSPACE } from './workspace.ts';

type Fields = Readonly<Record<string, unknown>>;

const team = { id: WORKSPACE.teamId, domain: WORKSPACE.domain };

const userOf = (person: Person): Fields => ({
  id: person.id,
  username: person.handle,
  name: person.handle,
  team_id: WORKSPACE.teamId,
});

const common = (person: Person): Fields => ({
  team,
  user: userOf(person),
  api_app_id: WORKSPACE.appId,
  // Slack's old verification token; nobody should read it, the signature counts.
  token: 'verification-token-unused',
  enterprise: null,
  is_enterprise_install: false,
});

const wrap = (payload: Fields): URLSearchParams => new URLSearchParams({ payload: JSON.stringify(payload) });

export type Pressed = { readonly action: Fields; readonly triggerId: string };

/** `block_actions` of a message that everybody sees or of one that only this person sees. */
export const clickForm = (
  session: Session,
  person: Person,
  where: { readonly channel: Channel; readonly message: Message | Ephemeral; readonly responseUrl: string },
  pressed: Pressed,
): URLSearchParams => {
  const { channel, message } = where;
  const isEphemeral = 'onlyFor' in message;
  return wrap({
    type: 'block_actions',
    ...common(person),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: isEphemeral,
      ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    },
    trigger_id: pressed.triggerId,
    channel: { id: channel.id, name: channel.name },
    ...(isEphemeral ? {} : { message: toSlackMessage(session, message, true) }),
    state: { values: {} },
    response_url: where.responseUrl,
    actions: [pressed.action],
  });
};

/** `block_actions` inside a modal. */
export const viewClickForm = (person: Person, view: OpenView, values: Fields, pressed: Pressed): URLSearchParams =>
  wrap({
    type: 'block_actions',
    ...common(person),
    container: { type: 'view', view_id: view.id },
    trigger_id: pressed.triggerId,
    view: toSlackView(view, values),
    actions: [pressed.action],
  });

export const submissionForm = (person: Person, view: OpenView, values: Fields, triggerId: string): URLSearchParams =>
  wrap({
    type: 'view_submission',
    ...common(person),
    trigger_id: triggerId,
    view: toSlackView(view, values),
    response_urls: [],
  });

export const closedForm = (person: Person, view: OpenView, isCleared: boolean): URLSearchParams =>
  wrap({ type: 'view_closed', ...common(person), view: toSlackView(view), is_cleared: isCleared });

export const commandForm = (
  person: Person,
  channel: Channel,
  command: { readonly name: string; readonly text: string; readonly responseUrl: string; readonly triggerId: string },
): URLSearchParams =>
  new URLSearchParams({
    token: 'verification-token-unused',
    team_id: WORKSPACE.teamId,
    team_domain: WORKSPACE.domain,
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: person.id,
    user_name: person.handle,
    command: command.name,
    text: command.text,
    api_app_id: WORKSPACE.appId,
    is_enterprise_install: 'false',
    response_url: command.responseUrl,
    trigger_id: command.triggerId,
  });
