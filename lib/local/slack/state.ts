import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod/mini';
import { openStateFile } from './state-file.ts';
import { formatTs } from './timestamp.ts';
import { channelIdOf } from './workspace.ts';

const record = z.record(z.string(), z.unknown());

const messageSchema = z.object({
  channel: z.string(),
  ts: z.string(),
  threadTs: z.nullable(z.string()),
  user: z.string(),
  text: z.string(),
  blocks: z.array(record),
  metadata: z.nullable(record),
  editedTs: z.nullable(z.string()),
  subtype: z.nullable(z.string()),
  files: z.array(z.object({ id: z.string(), name: z.string(), title: z.string(), bytes: z.number() })),
  reactions: z.array(z.object({ name: z.string(), users: z.array(z.string()) })),
  isPinned: z.boolean(),
  isBroadcast: z.boolean(),
  revision: z.number(),
});

/** A message as it is kept. `revision` grows with every change in the workspace, so that a page can tell old from new. */
export type Message = Readonly<z.infer<typeof messageSchema>>;
export type Draft = Omit<Message, 'ts' | 'revision'>;

export type Channel = {
  readonly id: string;
  readonly name: string;
  readonly createdSeconds: number;
  readonly isMember: boolean;
  readonly isArchived: boolean;
  readonly isPrivate: boolean;
};

type Row = Record<string, unknown>;

const toChannel = (row: Row): Channel => ({
  id: String(row['id']),
  name: String(row['name']),
  createdSeconds: Number(row['created']),
  isMember: row['is_member'] === 1,
  isArchived: row['is_archived'] === 1,
  isPrivate: row['is_private'] === 1,
});

const toMessage = (row: Row): Message => messageSchema.parse(JSON.parse(String(row['body'])));

const openChannels = (db: DatabaseSync) => {
  const insert = db.prepare('INSERT OR IGNORE INTO channels VALUES (?, ?, ?, ?, 0, ?, 0)');
  const all = db.prepare('SELECT * FROM channels ORDER BY rowid');
  const one = db.prepare('SELECT * FROM channels WHERE id = ?');
  const change = db.prepare('UPDATE channels SET is_member = ?, is_archived = ? WHERE id = ?');
  return {
    /** Does nothing when it exists. */
    create: (name: string, nowMs: number, how: { readonly isMember: boolean; readonly isPrivate: boolean }): string => {
      insert.run(channelIdOf(name), name, Math.floor(nowMs / 1000), how.isMember ? 1 : 0, how.isPrivate ? 1 : 0);
      return channelIdOf(name);
    },
    list: (): readonly Channel[] => all.all().map(toChannel),
    find: (id: string): Channel | null => {
      const row = one.get(id);
      return row === undefined ? null : toChannel(row);
    },
    change: (id: string, to: { readonly isMember: boolean; readonly isArchived: boolean }): void => {
      change.run(to.isMember ? 1 : 0, to.isArchived ? 1 : 0, id);
    },
  };
};

/** Counts that must never go back, not even over a deletion or a clock that was set back. */
const openCounters = (db: DatabaseSync) => {
  const next = db.prepare(
    'INSERT INTO counters VALUES (?, 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value',
  );
  const stamp = db.prepare(
    'UPDATE channels SET last_micros = MAX(last_micros, ?) + 100 WHERE id = ? RETURNING last_micros',
  );
  return {
    next: (name: string): number => Number(next.get(name)?.['value']),
    micros: (channel: string, nowMs: number): number =>
      Number(stamp.get(Math.floor(nowMs) * 1000, channel)?.['last_micros']),
  };
};

export type Span = {
  readonly afterMicros: number;
  readonly beforeMicros: number;
  readonly inclusive: boolean;
  readonly limit: number;
};

type Thread = { readonly count: number; readonly latestTs: string; readonly users: readonly string[] };

const openReading = (db: DatabaseSync) => {
  const one = db.prepare('SELECT body FROM messages WHERE channel = ? AND micros = ?');
  const roots = db.prepare(
    'SELECT body FROM messages WHERE channel = ? AND (thread IS NULL OR broadcast = 1) AND micros >= ? AND micros <= ? ORDER BY micros DESC LIMIT ?',
  );
  const replies = db.prepare(
    'SELECT body FROM messages WHERE channel = ? AND thread = ? AND micros >= ? AND micros <= ? ORDER BY micros LIMIT ?',
  );
  const summary = db.prepare(
    "SELECT COUNT(*) AS count, MAX(micros) AS last, GROUP_CONCAT(DISTINCT body ->> '$.user') AS users FROM messages WHERE channel = ? AND thread = ?",
  );
  const bounds = (span: Span): readonly [number, number] =>
    span.inclusive ? [span.afterMicros, span.beforeMicros] : [span.afterMicros + 1, span.beforeMicros - 1];
  return {
    find: (channel: string, micros: number): Message | null => {
      const row = one.get(channel, micros);
      return row === undefined ? null : toMessage(row);
    },
    /** Not in threads (or shown in both), newest first. */
    roots: (channel: string, span: Span): readonly Message[] =>
      roots.all(channel, ...bounds(span), span.limit).map(toMessage),
    /** null: nobody answered. */
    thread: (channel: string, root: number): Thread | null => {
      const row = summary.get(channel, root);
      const count = Number(row?.['count']);
      if (count === 0) return null;
      return { count, latestTs: formatTs(Number(row?.['last'])), users: String(row?.['users']).split(',') };
    },
    /** Oldest first, without the root. */
    replies: (channel: string, thread: number, span: Span): readonly Message[] =>
      replies.all(channel, thread, ...bounds(span), span.limit).map(toMessage),
  };
};

const openWriting = (db: DatabaseSync, counters: ReturnType<typeof openCounters>) => {
  const insert = db.prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)');
  const update = db.prepare('UPDATE messages SET revision = ?, body = ? WHERE channel = ? AND micros = ?');
  const remove = db.prepare('DELETE FROM messages WHERE channel = ? AND micros = ?');
  const parse = (ts: string): number => Number(ts.replace('.', ''));
  return {
    insert: (draft: Draft, nowMs: number): Message => {
      const micros = counters.micros(draft.channel, nowMs);
      const message = { ...draft, ts: formatTs(micros), revision: counters.next('revision') };
      const thread = draft.threadTs === null ? null : parse(draft.threadTs);
      insert.run(draft.channel, micros, thread, draft.isBroadcast ? 1 : 0, message.revision, JSON.stringify(message));
      return message;
    },
    update: (message: Message): Message => {
      const next = { ...message, revision: counters.next('revision') };
      update.run(next.revision, JSON.stringify(next), next.channel, parse(next.ts));
      return next;
    },
    remove: (message: Message): void => {
      remove.run(message.channel, parse(message.ts));
    },
  };
};

export const openState = (path: string) => {
  const db = openStateFile(path);
  const counters = openCounters(db);
  return {
    db,
    counters,
    channels: openChannels(db),
    messages: { ...openReading(db), ...openWriting(db, counters) },
    close: (): void => db.close(),
  };
};

export type State = ReturnType<typeof openState>;
