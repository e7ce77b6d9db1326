import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { LIMITS } from '../../../templates/limits.ts';
import type { Arguments } from './arguments.ts';
import { flagOf, textOf } from './arguments.ts';
import { type Content, isEmpty, isRefusal, readContent } from './content.ts';
import { changeMessage, postMessage, removeMessage } from './messages.ts';
import type { Session } from './session.ts';
import { parseTs } from './timestamp.ts';
import { WORKSPACE } from './workspace.ts';

const linkSchema = z.object({
  channel: z.string(),
  user: z.string(),
  /** The message that was clicked; null for a command. */
  ts: z.nullable(z.string()),
  threadTs: z.nullable(z.string()),
  isEphemeral: z.boolean(),
});
export type ResponseLink = Readonly<z.infer<typeof linkSchema>>;

/** A `response_url`: five uses within thirty minutes. Kept, because a bot that died may come back and use it. */
export const issueLink = (session: Session, origin: string, link: ResponseLink): string => {
  const token = randomBytes(18).toString('base64url');
  session.state.db
    .prepare('DELETE FROM links WHERE issued_ms < ?')
    .run(Math.floor(session.clock.nowMs()) - LIMITS.responseUrlMs);
  session.state.db
    .prepare('INSERT INTO links VALUES (?, ?, ?, 0)')
    .run(token, JSON.stringify(link), Math.floor(session.clock.nowMs()));
  return `${origin}/api/response/${token}`;
};

export type LinkAnswer = { readonly status: number; readonly body: unknown };

const spend = (session: Session, token: string): ResponseLink | LinkAnswer => {
  const row = session.state.db.prepare('SELECT body, issued_ms, uses FROM links WHERE token = ?').get(token);
  if (row === undefined) return { status: 404, body: { ok: false, error: 'expired_url' } };
  const isOld = session.clock.nowMs() - Number(row['issued_ms']) > LIMITS.responseUrlMs;
  if (isOld) return { status: 404, body: { ok: false, error: 'expired_url' } };
  if (Number(row['uses']) >= LIMITS.responseUrlUses) return { status: 404, body: { ok: false, error: 'used_url' } };
  session.state.db.prepare('UPDATE links SET uses = uses + 1 WHERE token = ?').run(token);
  return linkSchema.parse(JSON.parse(String(row['body'])));
};

/** What a bot may answer with: new text, the clicked message replaced or gone, for one person or for the channel. */
export const answerPerson = (session: Session, link: ResponseLink, args: Arguments, content: Content): void => {
  const author = WORKSPACE.botUserId;
  const replaces = flagOf(args, 'replace_original');
  if (link.ts !== null && (replaces || flagOf(args, 'delete_original'))) {
    changeOriginal(session, link, link.ts, replaces, content);
    return;
  }
  const threadTs = textOf(args, 'thread_ts') || null;
  if (textOf(args, 'response_type') === 'in_channel') {
    postMessage(session, { channel: link.channel, threadTs }, author, content);
    return;
  }
  session.ephemerals.show({
    channel: link.channel,
    threadTs: threadTs ?? link.threadTs,
    onlyFor: link.user,
    from: author,
    text: content.text ?? '',
    blocks: content.blocks ?? [],
  });
};

const changeOriginal = (
  session: Session,
  link: ResponseLink,
  ts: string,
  replaces: boolean,
  content: Content,
): void => {
  if (link.isEphemeral) {
    const shown = session.ephemerals.find(link.user, link.channel, ts);
    if (shown === null) return;
    if (replaces) session.ephemerals.replace({ ...shown, text: content.text ?? '', blocks: content.blocks ?? [] });
    else session.ephemerals.remove(link.user, ts);
    return;
  }
  const message = session.state.messages.find(link.channel, parseTs(ts) ?? 0);
  if (message === null) return;
  if (replaces) changeMessage(session, { ...message, text: content.text ?? '', blocks: [...(content.blocks ?? [])] });
  else removeMessage(session, message);
};

/** A POST to a response_url. */
export const useLink = (session: Session, token: string, args: Arguments | null): LinkAnswer => {
  if (args === null) return { status: 400, body: { ok: false, error: 'invalid_payload' } };
  const content = readContent(args);
  if (isRefusal(content)) return { status: 400, body: content };
  if (isEmpty(content) && !flagOf(args, 'delete_original'))
    return { status: 400, body: { ok: false, error: 'no_text' } };
  const link = spend(session, token);
  if ('status' in link) return link;
  answerPerson(session, link, args, content);
  return { status: 200, body: { ok: true } };
};
