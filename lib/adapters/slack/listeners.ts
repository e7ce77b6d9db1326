import type { App, RespondFn } from '@slack/bolt';
import { readCommand } from '../../domain/command.ts';
import type { Jobs } from '../../ports/jobs.ts';
import type { Clock, Log, Wait } from '../../ports/world.ts';
import { type Click, readClick } from './click.ts';

export type ListenerParts = {
  readonly jobs: Pick<Jobs, 'put'>;
  readonly clock: Clock;
  readonly wait: Wait;
  readonly log: Log;
  /** The workspace or organisation we belong to; null: whichever the signature is from. */
  readonly team: string | null;
};

/** Slack waits 3 s in all; the rest is for the way, a cold start and telling the person. */
const PUT_LIMIT_MS = 800;

/** Far more than a person types; a job holds at most 200 kB. */
const MAX_VALUE_CHARS = 8000;

const OURS = /^(incident|mitigation|evidence|postmortem|triage)\./;
/** Bolt calls every listener that matches, so the rest is its complement. */
const NOT_OURS = /^(?!(incident|mitigation|evidence|postmortem|triage)\.)/;

const TEXTS = {
  asking:
    'On it: the answer comes as a message in this channel. Not in a private channel without the bot (`/invite @mistral-triage` and ask again), nor in a direct message.',
  notStored: 'Not stored, nothing was done: please press again.',
  unknown: 'This button is not known to the running version of the bot.',
  bot: 'Only people may ask this of the bot.',
  foreign: 'The bot answers only people of its own workspace.',
  tooLong: `That is too long: at most ${MAX_VALUE_CHARS} characters.`,
} as const;

/**
 * Every listener puts one job away and acknowledges only when the queue has it. A person who was not heard is told once: a command by
 * its answer, a button by a message only they see; should that fail too, nothing is acknowledged and Slack itself shows a warning.
 */
export const registerListeners = (app: App, parts: ListenerParts): void => {
  app.command('/mistral-triage', async ({ body, ack }) => {
    const click = demand(readClick(body));
    const text = refuse(click, parts) ?? ((await store(click, parts)) ? null : TEXTS.notStored);
    if (text !== null) return ack({ response_type: 'ephemeral', text });
    const isTriage = readCommand(click.request.value).verb === 'triage';
    return isTriage ? ack({ response_type: 'ephemeral', text: TEXTS.asking }) : ack();
  });
  app.action(OURS, async ({ body, ack, respond }) => {
    const click = demand(readClick(body));
    const refused = refuse(click, parts);
    if (refused !== null) await whisper(respond, refused, parts.log);
    else if (!(await store(click, parts)) && !(await whisper(respond, TEXTS.notStored, parts.log))) {
      throw new Error('A click was neither stored nor answered');
    }
    await ack();
  });
  app.action(NOT_OURS, async ({ body, ack, respond }) => {
    if (!demand(readClick(body)).isLink) await whisper(respond, TEXTS.unknown, parts.log);
    await ack();
  });
};

/** The inbox lets only readable clicks in. */
const demand = (click: Click | null): Click => {
  if (click === null) throw new Error('A listener got a click that cannot be read');
  return click;
};

const refuse = (click: Click, { team, log }: ListenerParts): string | null => {
  const why = whyRefused(click, team);
  if (why === null) return null;
  log('slack.click-refused', { why, action: click.request.action });
  return TEXTS[why];
};

const whyRefused = (click: Click, team: string | null): 'bot' | 'foreign' | 'tooLong' | null => {
  if (click.request.isBot) return 'bot';
  if (click.isGuestOfChannel || (team !== null && !click.homes.includes(team))) return 'foreign';
  return click.request.value.length > MAX_VALUE_CHARS ? 'tooLong' : null;
};

/** True only when the job is durable. One that becomes so after the limit does no harm: the work is idempotent. */
const store = async (click: Click, { jobs, clock, wait, log }: ListenerParts): Promise<boolean> => {
  const acceptedAt = new Date(clock.nowMs()).toISOString();
  const job = { id: click.id, queue: 'jobs', body: { kind: 'slack', request: click.request, acceptedAt } } as const;
  const put = async () => {
    await jobs.put([job]);
    return 'stored' as const;
  };
  const limit = wait(PUT_LIMIT_MS).then(() => 'late' as const);
  const outcome = await Promise.race([put().catch(() => 'failed' as const), limit]);
  if (outcome !== 'stored') log('slack.click-not-stored', { why: outcome, action: click.request.action });
  return outcome === 'stored';
};

/** Through the click's own response address, with the time limit of the app's fetch. */
const whisper = async (respond: RespondFn, text: string, log: Log): Promise<boolean> => {
  try {
    await respond({ response_type: 'ephemeral', replace_original: false, text });
    return true;
  } catch {
    log('slack.whisper-failed');
    return false;
  }
};
