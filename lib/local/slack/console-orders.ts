import * as z from 'zod/mini';
import { LIMITS } from '../../../templates/limits.ts';
import { FAULT_MODES } from './faults.ts';
import { postMessage } from './messages.ts';
import { click, clickInView, closeView, runCommand } from './press.ts';
import type { Session } from './session.ts';
import type { Channel } from './state.ts';
import { submitView } from './submit.ts';
import { parseTs } from './timestamp.ts';
import { findPerson, isChannelName, type Person } from './workspace.ts';

const text = z.string().check(z.minLength(1), z.maxLength(LIMITS.messageText));
const entered = z.record(z.string(), z.record(z.string(), z.union([z.string(), z.array(z.string())])));
const inChannel = { user: z.string(), channel: z.string() };
const target = { action_id: z.optional(z.string()), block_id: z.optional(z.string()), value: z.optional(z.string()) };

const orders = {
  click: z.object({ ...inChannel, ...target, ts: z.string() }),
  command: z.object({ ...inChannel, text }),
  message: z.object({ ...inChannel, text, thread_ts: z.optional(z.string()) }),
  submit: z.object({ user: z.string(), view_id: z.string(), values: z.optional(entered) }),
  'view-click': z.object({ user: z.string(), view_id: z.string(), values: z.optional(entered), ...target }),
  'view-close': z.object({ user: z.string(), view_id: z.string() }),
  dismiss: z.object({ ...inChannel, ts: z.string() }),
  faults: z.object({
    mode: z.enum(FAULT_MODES),
    count: z.optional(z.int().check(z.positive())),
    methods: z.optional(z.array(z.string())),
  }),
  channel: z.object({
    name: z.string().check(z.refine(isChannelName)),
    member: z.optional(z.boolean()),
    archived: z.optional(z.boolean()),
    private: z.optional(z.boolean()),
  }),
} as const;

type Order<Name extends keyof typeof orders> = z.infer<(typeof orders)[Name]>;
export type Reply = { readonly status?: number; readonly body: unknown };

export const nothing = (what: string): Reply => ({ status: 404, body: { ok: false, why: `no such ${what}` } });

const who = (
  session: Session,
  order: { readonly user: string; readonly channel: string },
): { readonly person: Person; readonly channel: Channel } | Reply => {
  const person = findPerson(order.user);
  const channel =
    session.state.channels.find(order.channel) ??
    session.state.channels.list().find((one) => one.name === order.channel) ??
    null;
  if (person === null) return nothing('person');
  return channel === null ? nothing('channel') : { person, channel };
};

const viewOf = (session: Session, order: { readonly user: string; readonly view_id: string }) => {
  const person = findPerson(order.user);
  const view = session.views.find(order.view_id);
  return person === null || view === null || view.user !== person.id ? nothing('modal') : { person, view };
};

const onClick = async (session: Session, order: Order<'click'>, origin: string): Promise<Reply> => {
  const found = who(session, order);
  if ('body' in found) return found;
  const pressed = { blockId: order.block_id, actionId: order.action_id, value: order.value };
  return { body: await click(session, origin, { ...found, ts: order.ts, target: pressed }) };
};

const onCommand = async (session: Session, order: Order<'command'>, origin: string): Promise<Reply> => {
  const found = who(session, order);
  return 'body' in found ? found : { body: await runCommand(session, origin, { ...found, text: order.text }) };
};

/** A person writes something in the channel or in a thread. The bot hears nothing of it until it reads the history. */
const onMessage = (session: Session, order: Order<'message'>): Reply => {
  const found = who(session, order);
  if ('body' in found) return found;
  if (found.channel.isArchived) return { body: { ok: false, why: 'is_archived' } };
  const root =
    order.thread_ts === undefined
      ? null
      : session.state.messages.find(found.channel.id, parseTs(order.thread_ts) ?? -1);
  if (order.thread_ts !== undefined && (root === null || root.threadTs !== null)) return nothing('thread');
  const escaped = order.text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const content = { text: escaped, blocks: undefined, metadata: undefined };
  const message = postMessage(
    session,
    { channel: found.channel.id, threadTs: root?.ts ?? null },
    found.person.id,
    content,
  );
  return { body: { ok: true, status: 200, ts: message.ts } };
};

const onSubmit = async (session: Session, order: Order<'submit'>): Promise<Reply> => {
  const found = viewOf(session, order);
  return 'body' in found ? found : { body: await submitView(session, found.person, found.view, order.values ?? {}) };
};

const onViewClick = async (session: Session, order: Order<'view-click'>): Promise<Reply> => {
  const found = viewOf(session, order);
  if ('body' in found) return found;
  const pressed = { blockId: order.block_id, actionId: order.action_id, value: order.value };
  return { body: await clickInView(session, { ...found, entered: order.values ?? {}, target: pressed }) };
};

const onViewClose = async (session: Session, order: Order<'view-close'>): Promise<Reply> => {
  const found = viewOf(session, order);
  return 'body' in found ? found : { body: await closeView(session, found.person, found.view) };
};

const onDismiss = (session: Session, order: Order<'dismiss'>): Reply => {
  session.ephemerals.remove(order.user, order.ts);
  return { body: { ok: true, status: 200 } };
};

/** Creates a channel or changes what the bot is to it. */
const onChannel = (session: Session, order: Order<'channel'>): Reply => {
  const isMember = order.member !== false;
  const id = session.state.channels.create(order.name, session.clock.nowMs(), {
    isMember,
    isPrivate: order.private === true,
  });
  session.state.channels.change(id, { isMember, isArchived: order.archived === true });
  session.live.publish({ kind: 'channels', data: {} });
  return { body: { ok: true, status: 200, channel: id } };
};

const onFaults = (session: Session, order: Order<'faults'>): Reply => {
  session.faults.order(order);
  return { body: { ok: true, status: 200, ...session.faults.report() } };
};

type Handler = (session: Session, body: unknown, origin: string) => Promise<Reply> | Reply | null;

/** null: the body is not what this order needs. */
const handle =
  <Parsed>(
    schema: z.ZodMiniType<Parsed>,
    run: (session: Session, order: Parsed, origin: string) => Promise<Reply> | Reply,
  ): Handler =>
  (session, body, origin) => {
    const parsed = schema.safeParse(body);
    return parsed.success ? run(session, parsed.data, origin) : null;
  };

/** What a person does on the page, by the last part of the path. */
export const ORDERS: ReadonlyMap<string, Handler> = new Map([
  ['click', handle(orders.click, onClick)],
  ['command', handle(orders.command, onCommand)],
  ['message', handle(orders.message, onMessage)],
  ['submit', handle(orders.submit, onSubmit)],
  ['view-click', handle(orders['view-click'], onViewClick)],
  ['view-close', handle(orders['view-close'], onViewClose)],
  ['dismiss', handle(orders.dismiss, onDismiss)],
  ['faults', handle(orders.faults, onFaults)],
  ['channel', handle(orders.channel, onChannel)],
]);
