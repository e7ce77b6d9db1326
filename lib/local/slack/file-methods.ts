import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { missing, refuse } from './answer.ts';
import { structureOf, textOf } from './arguments.ts';
import { isRefusal } from './content.ts';
import { postMessage } from './messages.ts';
import { findThread, findWritable, type Method } from './method.ts';
import type { Session } from './session.ts';
import { WORKSPACE } from './workspace.ts';

/** An upload that nobody completed is forgotten after a day. */
const UNSHARED_MS = 24 * 60 * 60_000;
export const MAX_FILE_BYTES = 20 * 1024 * 1024;

const getUploadUrl: Method = (call) => {
  const name = textOf(call.args, 'filename');
  if (name === '') return missing('filename');
  const bytes = Number(textOf(call.args, 'length'));
  if (!Number.isInteger(bytes) || bytes < 1) return missing('length');
  if (bytes > MAX_FILE_BYTES) return refuse('file_upload_size_restricted');
  const nowMs = Math.floor(call.session.clock.nowMs());
  call.session.state.db.prepare('DELETE FROM files WHERE shared = 0 AND issued_ms < ?').run(nowMs - UNSHARED_MS);
  const id = `F0${randomBytes(5).toString('hex').toUpperCase()}`;
  const token = randomBytes(16).toString('hex');
  call.session.state.db
    .prepare('INSERT INTO files VALUES (?, ?, ?, ?, NULL, ?, ?, 0)')
    .run(id, name, bytes, token, name, nowMs);
  return { ok: true, upload_url: `${call.origin}/api/upload/${token}`, file_id: id };
};

/** The bytes behind an upload URL: stored once, and only as many as were announced. */
export const storeUpload = (
  session: Session,
  token: string,
  data: Uint8Array,
): 'stored' | 'unknown' | 'wrong-length' => {
  const row = session.state.db.prepare('SELECT id, bytes FROM files WHERE token = ? AND data IS NULL').get(token);
  if (row === undefined) return 'unknown';
  if (row['bytes'] !== data.byteLength) return 'wrong-length';
  session.state.db.prepare('UPDATE files SET data = ? WHERE token = ?').run(data, token);
  return 'stored';
};

/** A file that was shared in a channel; null: there is none. */
export const readSharedFile = (
  session: Session,
  id: string,
): { readonly name: string; readonly data: Uint8Array } | null => {
  const row = session.state.db.prepare('SELECT name, data FROM files WHERE id = ? AND shared = 1').get(id);
  const data = row?.['data'];
  return data instanceof Uint8Array ? { name: String(row?.['name']), data } : null;
};

const wanted = z
  .array(z.object({ id: z.string(), title: z.optional(z.string()) }))
  .check(z.minLength(1), z.maxLength(10));

const complete: Method = (call) => {
  const given = structureOf(call.args, 'files');
  const files = wanted.safeParse(typeof given === 'string' ? undefined : given.value);
  if (!files.success) return missing('files');
  const find = call.session.state.db.prepare(
    'SELECT name, bytes FROM files WHERE id = ? AND data IS NOT NULL AND shared = 0',
  );
  const found = files.data.map((file) => ({ file, row: find.get(file.id) }));
  if (found.some(({ row }) => row === undefined)) return refuse('file_not_found');
  const shared = found.map(({ file, row }) => ({
    id: file.id,
    name: String(row?.['name']),
    title: file.title ?? String(row?.['name']),
    bytes: Number(row?.['bytes']),
  }));
  if (textOf(call.args, 'channel_id') === '') return { ok: true, files: shared };
  const inChannel = { ...call, args: { ...call.args, channel: textOf(call.args, 'channel_id') } };
  const channel = findWritable(inChannel, false);
  if (isRefusal(channel)) return channel;
  const thread = findThread(inChannel, channel);
  if (isRefusal(thread)) return thread;
  for (const file of shared) call.session.state.db.prepare('UPDATE files SET shared = 1 WHERE id = ?').run(file.id);
  postMessage(call.session, { channel: channel.id, threadTs: thread.threadTs }, WORKSPACE.botUserId, {
    text: textOf(call.args, 'initial_comment'),
    blocks: undefined,
    metadata: undefined,
    files: shared,
  });
  return { ok: true, files: shared };
};

export const FILE_METHODS: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': getUploadUrl,
  'files.completeUploadExternal': complete,
};
