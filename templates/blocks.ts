import type { ChatMessage } from '../lib/domain/message.ts';
import { LIMITS } from './limits.ts';
import { cutMrkdwn, type Mrkdwn, quietText } from './text.ts';

/** One block or element of Block Kit, within Slack's limits. */
export type Block = Readonly<Record<string, unknown>>;

/** Slack refuses empty text. */
const orDash = (text: string): string => (text === '' ? '–' : text);

const plain = (text: string, max: number) => ({ type: 'plain_text', text: orDash(quietText(text, max)), emoji: true });

/** `verbatim`: Slack makes no links and no mentions of its own out of it. */
const marked = (text: Mrkdwn, max: number) => ({
  type: 'mrkdwn',
  text: orDash(cutMrkdwn(text.mrkdwn.trim(), max)),
  verbatim: true,
});

export const header = (text: string): Block => ({ type: 'header', text: plain(text, LIMITS.headerText) });

export const section = (text: Mrkdwn): Block => ({ type: 'section', text: marked(text, LIMITS.sectionText) });

export const fields = (texts: readonly Mrkdwn[]): Block => ({
  type: 'section',
  fields: texts.slice(0, LIMITS.sectionFields).map((text) => marked(text, LIMITS.fieldText)),
});

export const context = (texts: readonly Mrkdwn[]): Block => ({
  type: 'context',
  elements: texts.slice(0, LIMITS.contextElements).map((text) => marked(text, LIMITS.contextText)),
});

export const divider = (): Block => ({ type: 'divider' });

export type Confirm = { readonly title: string; readonly text: string; readonly yes: string; readonly no?: string };

export type Button = {
  /** The exact words of the outer interface. */
  readonly text: string;
  readonly actionId: string;
  /** An opaque id. */
  readonly value: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: Confirm;
};

const confirmDialog = (confirm: Confirm): Block => ({
  title: plain(confirm.title, LIMITS.confirmTitle),
  text: plain(confirm.text, LIMITS.confirmText),
  confirm: plain(confirm.yes, LIMITS.confirmButton),
  deny: plain(confirm.no ?? 'Cancel', LIMITS.confirmButton),
});

const buttonElement = (button: Button): Block => ({
  type: 'button',
  text: plain(button.text, LIMITS.buttonText),
  action_id: button.actionId,
  value: button.value.slice(0, LIMITS.buttonValue),
  ...(button.style ? { style: button.style } : {}),
  ...(button.confirm ? { confirm: confirmDialog(button.confirm) } : {}),
});

/** A row of buttons; none when there is no button, because Slack refuses an empty row. */
export const actions = (buttons: readonly Button[]): readonly Block[] =>
  buttons.length === 0
    ? []
    : [{ type: 'actions', elements: buttons.slice(0, LIMITS.actionsElements).map(buttonElement) }];

/** `text` is what a lock screen and a screen reader get. */
export const message = (text: Mrkdwn, blocks: readonly Block[]): ChatMessage => ({
  text: orDash(cutMrkdwn(text.mrkdwn.trim(), LIMITS.recommendedText)),
  blocks: blocks.slice(0, LIMITS.messageBlocks),
});
