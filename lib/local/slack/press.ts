import { parseJson } from './arguments.ts';
import { isRefusal, readContent } from './content.ts';
import { dispatch } from './dispatch.ts';
import { type Entered, readElement, readForm } from './form-values.ts';
import { clickForm, closedForm, commandForm, viewClickForm } from './payloads.ts';
import { answerPerson, issueLink } from './response-links.ts';
import type { Session } from './session.ts';
import type { Channel } from './state.ts';
import { formatTs, parseTs } from './timestamp.ts';
import { elementsOf } from './validate-blocks.ts';
import { isRecord } from './validate-parts.ts';
import type { OpenView } from './views.ts';
import { PEOPLE, type Person, WORKSPACE } from './workspace.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What became of a press; `why` is a word of Slack's (`operation_timeout`, …) or a sentence. */
export type Outcome =
  | { readonly ok: true; readonly status: number }
  | { readonly ok: false; readonly why: string; readonly status?: number };

export type Target = {
  readonly blockId?: string | undefined;
  readonly actionId?: string | undefined;
  readonly value?: string | undefined;
};

const INTERACTIVE = [
  'button',
  'overflow',
  'static_select',
  'users_select',
  'radio_buttons',
  'checkboxes',
  'datepicker',
  'timepicker',
];

type Found = { readonly block: Fields; readonly element: Fields };

/**
 * The element a person means: by action id, made exact by the block's id where several blocks use the same. An edit gives blocks new ids
 * while somebody still reads what a button asks: then the button of the same action and value is meant.
 */
const findElement = (blocks: unknown, target: Target): Found | undefined => {
  const all = (Array.isArray(blocks) ? blocks.filter(isRecord) : [])
    .flatMap((block) => elementsOf(block).map(([element]) => ({ block, element: isRecord(element) ? element : {} })))
    .filter(({ element }) => INTERACTIVE.includes(String(element['type'])))
    .filter(({ element }) => target.actionId === undefined || element['action_id'] === target.actionId);
  return (
    all.find(({ block }) => target.blockId === undefined || block['block_id'] === target.blockId) ??
    all.find(({ element }) => isSameButton(element, target))
  );
};

const isSameButton = (element: Fields, { actionId, value }: Target): boolean =>
  actionId !== undefined && value !== undefined && element['type'] === 'button' && element['value'] === value;

const actionOf = (session: Session, found: Found, target: Target): Fields | null => {
  const { block, element } = found;
  const isButton = element['type'] === 'button';
  const chosen = isButton
    ? { value: element['value'], text: element['text'], style: element['style'] }
    : readElement(element, target.value);
  if (chosen === null) return null;
  return {
    action_id: element['action_id'],
    block_id: block['block_id'],
    ...chosen,
    type: element['type'],
    action_ts: formatTs(Math.floor(session.clock.nowMs()) * 1000),
  };
};

/** A press on a message, in the name of a person who can see it. */
export const click = async (
  session: Session,
  origin: string,
  press: { readonly person: Person; readonly channel: Channel; readonly ts: string; readonly target: Target },
): Promise<Outcome> => {
  const { person, channel, ts } = press;
  const message =
    session.ephemerals.find(person.id, channel.id, ts) ?? session.state.messages.find(channel.id, parseTs(ts) ?? -1);
  if (message === null) return { ok: false, why: 'no such message' };
  const found = findElement(message.blocks, press.target);
  if (found === undefined) return { ok: false, why: 'no such button' };
  const action = actionOf(session, found, press.target);
  if (action === null) return { ok: false, why: 'no such option' };
  const link = {
    channel: channel.id,
    user: person.id,
    ts,
    threadTs: message.threadTs,
    isEphemeral: 'onlyFor' in message,
  };
  const responseUrl = issueLink(session, origin, link);
  const pressed = { action, triggerId: session.triggers.issue(person.id) };
  const delivered = await dispatch(session, clickForm(session, person, { channel, message, responseUrl }, pressed));
  return outcomeOf(delivered);
};

const outcomeOf = (delivered: Awaited<ReturnType<typeof dispatch>>): Outcome =>
  delivered.ok ? { ok: true, status: delivered.status } : delivered;

/** A press inside a modal. */
export const clickInView = async (
  session: Session,
  press: { readonly person: Person; readonly view: OpenView; readonly entered: Entered; readonly target: Target },
): Promise<Outcome> => {
  const found = findElement(press.view.fields['blocks'], press.target);
  if (found === undefined) return { ok: false, why: 'no such button' };
  const action = actionOf(session, found, press.target);
  if (action === null) return { ok: false, why: 'no such option' };
  const { values } = readForm(press.view.fields['blocks'], press.entered);
  const pressed = { action, triggerId: session.triggers.issue(press.person.id, press.view.id) };
  return outcomeOf(await dispatch(session, viewClickForm(press.person, press.view, values, pressed)));
};

export const closeView = async (session: Session, person: Person, view: OpenView): Promise<Outcome> => {
  session.views.close(view);
  if (view.fields['notify_on_close'] !== true) return { ok: true, status: 200 };
  return outcomeOf(await dispatch(session, closedForm(person, view, false)));
};

/** As the manifest's `should_escape` asks: known people and channels become ids, the three special characters entities. */
const escapeCommand = (session: Session, text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@([a-z]+)/g, (whole, handle: string) => {
      const person = PEOPLE.find((one) => one.handle === handle);
      return person === undefined ? whole : `<@${person.id}|${person.handle}>`;
    })
    .replace(/#([a-z0-9_-]+)/g, (whole, name: string) => {
      const channel = session.state.channels.list().find((one) => one.name === name);
      return channel === undefined ? whole : `<#${channel.id}|${channel.name}>`;
    });

const tell = (session: Session, person: Person, channel: Channel, text: string): void => {
  session.ephemerals.show({
    channel: channel.id,
    threadTs: null,
    onlyFor: person.id,
    from: 'USLACKBOT',
    text,
    blocks: [],
  });
};

/** The body of an acknowledged command is shown to its person, or to the channel when it says so. */
const showAnswer = (session: Session, person: Person, channel: Channel, body: string): void => {
  if (body.trim() === '') return;
  const parsed = parseJson(body);
  const args = isRecord(parsed) ? parsed : { text: body };
  const content = readContent(args);
  if (isRefusal(content)) {
    tell(session, person, channel, `The answer of the app could not be shown: ${content.error}`);
    return;
  }
  if ((content.text ?? '') === '' && (content.blocks ?? []).length === 0) return;
  answerPerson(
    session,
    { channel: channel.id, user: person.id, ts: null, threadTs: null, isEphemeral: false },
    args,
    content,
  );
};

/** A slash command as a person types it, in a channel. Every failure is shown to that person alone, as in Slack. */
export const runCommand = async (
  session: Session,
  origin: string,
  typed: { readonly person: Person; readonly channel: Channel; readonly text: string },
): Promise<Outcome> => {
  const { person, channel } = typed;
  const [, name = '', rest = ''] = /^(\/\S*)\s*([\s\S]*)$/.exec(typed.text.trim()) ?? [];
  if (!WORKSPACE.commands.some((command) => command === name)) {
    tell(session, person, channel, `${name} is not a valid command.`);
    return { ok: false, why: 'not a valid command' };
  }
  const responseUrl = issueLink(session, origin, {
    channel: channel.id,
    user: person.id,
    ts: null,
    threadTs: null,
    isEphemeral: false,
  });
  const triggerId = session.triggers.issue(person.id);
  const text = escapeCommand(session, rest.trim());
  const delivered = await dispatch(session, commandForm(person, channel, { name, text, responseUrl, triggerId }));
  if (delivered.ok) showAnswer(session, person, channel, delivered.body);
  else tell(session, person, channel, `${name} failed with the error "${delivered.why}"`);
  return outcomeOf(delivered);
};
