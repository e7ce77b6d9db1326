import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { SlackRequest } from '../../domain/job.ts';

/** A click or command, and the id by which a second delivery of the very same one is known. */
export type Click = {
  readonly id: string;
  readonly request: SlackRequest;
  /** A workspace, or the organisation that it belongs to. */
  readonly homes: readonly string[];
  /** The person belongs to another workspace (Slack Connect). */
  readonly isGuestOfChannel: boolean;
  /** A button that only opens a link is told to us all the same. */
  readonly isLink: boolean;
};

const ID = z.string().check(z.minLength(1), z.maxLength(64));
const MOMENT = z.string().check(z.minLength(1), z.maxLength(256));

const COMMAND = z.object({
  command: z.string(),
  text: z.optional(z.string()),
  trigger_id: MOMENT,
  user_id: ID,
  team_id: ID,
  enterprise_id: z.optional(ID),
  channel_id: ID,
  bot_id: z.optional(z.string()),
});

const ACTION = z.object({
  action_id: z.string().check(z.minLength(1), z.maxLength(255)),
  action_ts: z.optional(MOMENT),
  value: z.nullish(z.string()),
  url: z.nullish(z.string()),
});

/** `message` is missing where it was ephemeral, `container` is always there in a message; an emulator may know only one of them. */
const CLICK = z.object({
  type: z.literal('block_actions'),
  trigger_id: z.optional(MOMENT),
  team: z.nullish(z.object({ id: ID })),
  enterprise: z.nullish(z.object({ id: ID })),
  user: z.object({ id: ID, team_id: z.nullish(ID), is_bot: z.nullish(z.boolean()) }),
  bot_id: z.nullish(z.string()),
  channel: z.nullish(z.object({ id: ID })),
  container: z.nullish(z.object({ channel_id: z.optional(ID), message_ts: z.optional(ID) })),
  message: z.nullish(z.object({ ts: ID })),
  actions: z.array(ACTION).check(z.minLength(1)),
});

/** null: not what Slack sends for a command or a button in a message. */
export const readClick = (body: unknown): Click | null => {
  const command = z.safeParse(COMMAND, body);
  if (command.success) return fromCommand(command.data);
  const click = z.safeParse(CLICK, body);
  return click.success ? fromAction(click.data) : null;
};

const fromCommand = (body: z.output<typeof COMMAND>): Click => ({
  id: hashClick([body.team_id, body.user_id, body.trigger_id, 'command']),
  request: {
    user: body.user_id,
    team: body.team_id,
    channel: body.channel_id,
    messageTs: null,
    action: 'command',
    value: (body.text ?? '').trim(),
    isBot: isSet(body.bot_id),
  },
  homes: [body.team_id, body.enterprise_id].filter(isSet),
  isGuestOfChannel: false,
  isLink: false,
});

const fromAction = (body: z.output<typeof CLICK>): Click | null => {
  // Slack sends one action at a time; Bolt, too, looks only at the first.
  const action = body.actions[0];
  const moment = action?.action_ts ?? body.trigger_id;
  const team = body.team?.id ?? body.user.team_id;
  const channel = body.channel?.id ?? body.container?.channel_id;
  if (action === undefined || moment === undefined || !isSet(team) || !isSet(channel)) return null;
  const messageTs = body.message?.ts ?? body.container?.message_ts ?? null;
  const value = action.value ?? '';
  return {
    // With the place: the moment alone may be the same for two messages where it is only known in milliseconds.
    id: hashClick([team, body.user.id, moment, action.action_id, channel, messageTs ?? '', value]),
    request: {
      user: body.user.id,
      team,
      channel,
      messageTs,
      action: action.action_id,
      value,
      isBot: body.user.is_bot === true || isSet(body.bot_id) || body.user.id === 'USLACKBOT',
    },
    homes: [team, body.enterprise?.id].filter(isSet),
    // Inside one organisation a person's own workspace may be another one of it.
    isGuestOfChannel: isSet(body.user.team_id) && body.user.team_id !== team && !isSet(body.enterprise?.id),
    isLink: isSet(action.url),
  };
};

const isSet = (text: string | null | undefined): text is string => typeof text === 'string' && text !== '';

const hashClick = (parts: readonly string[]): string =>
  `slack-${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
