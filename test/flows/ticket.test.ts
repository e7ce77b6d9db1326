import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RETENTION_DAYS } from '../../lib/domain/records.ts';
import { handleJob } from '../../lib/flows/handle-job.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import type { Store } from '../../lib/ports/store.ts';
import { makeArrival } from '../make.ts';
import { press } from './press.ts';
import { shownNotes } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let id = '';
beforeEach(async () => {
  world = await openWorld();
  await world.breakMistral('error-500');
  [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0, { title: 'ACME cannot pay' })]);
  await world.settle();
});
afterEach(() => world.close());

const notes = async (): Promise<readonly string[]> =>
  (await shownNotes(world)).map(({ text }) => text).filter((text) => text.includes('Support ticket'));
const ticket = async (): Promise<string> =>
  new TextDecoder().decode((await world.parts.documents.get(`evidence/${id}/ticket.md`)) ?? new Uint8Array());

describe('the support ticket', () => {
  it('is written with what was found, told in the thread, and kept in the timeline', async () => {
    await press(world, 'triage.ticket', id);
    const text = await ticket();
    expect(text).toContain('provider.5xx');
    expect(text).toContain(id);
    for (const word of ['ACME', 'mistral-api', 'test-key', 'U0MAYA']) expect(text).not.toContain(word);
    expect(await notes()).toEqual([expect.stringContaining(`Support ticket written by <@U0MAYA>: `)]);
    const filed = await world.parts.store.list('timeline', `${id}#`);
    expect(filed.map(({ record }) => record).at(-1)).toMatchObject({ kind: 'evidence', actor: 'U0MAYA' });
  });

  it('is told once, however often its job comes', async () => {
    const body = { kind: 'ticket', incidentId: id, actor: 'U0MAYA' } as const;
    for (const attempt of [1, 2]) {
      await handleJob(world.parts, { id: 'ticket:1', queue: 'jobs', body, attempt, receipt: '' });
    }
    await world.settle();
    expect(await notes()).toHaveLength(1);
  });

  it('is numbered after the last that is kept, where a store has forgotten the first', async () => {
    const before = { name: 'ticket-2.md', text: 'sent', writtenAt: '2026-11-20T11:00:00.000Z', jobId: 'ticket:0' };
    await world.parts.store.write('ticket', `${id}#0002`, before, 0);
    await press(world, 'triage.ticket', id);
    expect(await notes()).toEqual([expect.stringContaining('/ticket-3.md')]);
    expect(RETENTION_DAYS.ticket).toBeNull();
  });

  it('is given up for now where others write first each time', async () => {
    const write: Store['write'] = (kind, ...rest) =>
      kind === 'ticket' ? Promise.resolve(null) : world.parts.store.write(kind, ...rest);
    const body = { kind: 'ticket', incidentId: id, actor: 'U0MAYA' } as const;
    const parts = { ...world.parts, store: { ...world.parts.store, write } };
    const job = { id: 'ticket:1', queue: 'jobs', body, attempt: 1, receipt: '' } as const;
    await expect(handleJob(parts, job)).rejects.toThrow('others write tickets');
  });

  it('that could not be put at first is the same one when its job comes again', async () => {
    const { documents } = world.parts;
    const put = () => Promise.reject(new Error('no room'));
    const job = { id: 'ticket:1', queue: 'jobs', body: { kind: 'ticket', incidentId: id, actor: 'U0MAYA' } } as const;
    const parts = { ...world.parts, documents: { ...documents, put } };
    await expect(handleJob(parts, { ...job, attempt: 1, receipt: '' })).rejects.toThrow('no room');
    await handleJob(world.parts, { ...job, attempt: 2, receipt: '' });
    await world.settle();
    expect(await notes()).toEqual([expect.stringContaining('/ticket.md')]);
    expect(await world.parts.store.list('ticket', `${id}#`)).toHaveLength(1);
  });

  describe('and the evidence', () => {
    const bytesOf = async (name: string): Promise<Uint8Array> =>
      (await world.parts.documents.get(`evidence/${id}${name}`)) ?? new Uint8Array();
    type Listed = { readonly name: string; readonly sha256: string; readonly bytes: number };
    const listed = async (): Promise<{ readonly text: string; readonly tickets: readonly Listed[] }> => {
      const text = new TextDecoder().decode(await bytesOf('/manifest.json'));
      const { files } = JSON.parse(text) as { readonly files: readonly Listed[] };
      return { text, tickets: files.filter(({ name }) => name === 'ticket.md') };
    };
    const namesInArchive = async (): Promise<readonly string[]> =>
      (await unpackTar(gunzipSync(await bytesOf('.tar.gz')))).map(({ header }) => header.name);

    it('collected after it lists it and has it in the archive', async () => {
      await press(world, 'triage.ticket', id);
      await press(world, 'evidence.collect', id);
      const sha256 = createHash('sha256')
        .update(await bytesOf('/ticket.md'))
        .digest('hex');
      expect((await listed()).tickets).toEqual([
        expect.objectContaining({
          sha256,
          bytes: (await bytesOf('/ticket.md')).length,
          source: expect.stringContaining('support ticket, as it was written for the provider at 2026-11-20T12:00:00.'),
          collectedAt: expect.stringContaining('2026-11-20T12:00:00.'),
          retainUntil: expect.stringMatching(/^2027-/),
        }),
      ]);
      expect(await namesInArchive()).toContain(`${id}/ticket.md`);
      expect((await listed()).text).not.toContain('none was written');
    });

    it('collected before it says that there was none, and is not changed by it', async () => {
      await press(world, 'evidence.collect', id);
      const { text } = await listed();
      expect(text).toContain('none was written before the collection');
      await press(world, 'triage.ticket', id);
      expect((await listed()).text).toBe(text);
      expect(await ticket()).toContain(id);
    });

    it('collected between two keeps the first as it lists it, and has both when it is collected again', async () => {
      await press(world, 'triage.ticket', id);
      await press(world, 'evidence.collect', id);
      const [first, { text }] = [await ticket(), await listed()];
      world.pass(31_000);
      await press(world, 'triage.ticket', id);
      expect([await ticket(), (await listed()).text]).toEqual([first, text]);
      expect((await notes()).at(-1)).toContain('/ticket-2.md');
      await press(world, 'evidence.collect', id);
      expect(await namesInArchive()).toEqual(expect.arrayContaining([`${id}/ticket.md`, `${id}/ticket-2.md`]));
    });
  });

  it('says after recovery since when all is well again', async () => {
    await world.breakMistral('none');
    world.pass(31_000);
    await world.settle();
    await press(world, 'triage.ticket', id);
    const text = await ticket();
    expect(text).toContain('answered well again at 2026-11-20 12:00:31 UTC');
    expect(text).toContain('provider.5xx');
  });

  it('takes no diagnosis for the last one that was asked before what the incident knows, nor the same one twice', async () => {
    const stored = await world.parts.store.read('diagnosis', 'production/mistral-api');
    if (stored === null) throw new Error('nothing was diagnosed');
    const older = { ...stored.record, verdict: 'healthy', at: '2026-11-20T11:59:59.000Z' } as const;
    await press(world, 'triage.ticket', id);
    await world.parts.store.write('diagnosis', 'production/mistral-api', older, stored.version);
    await press(world, 'triage.ticket', id);
    const again = await world.parts.documents.get(`evidence/${id}/ticket-2.md`);
    for (const text of [await ticket(), new TextDecoder().decode(again ?? new Uint8Array())]) {
      expect(text).toContain('not over at 2026-11-20 12:00:0');
      expect(text.match(/ chat:mistral-small-latest:/g)).toHaveLength(1);
    }
  });

  it('of an incident that is not there is nothing', async () => {
    await press(world, 'triage.ticket', 'INC-261120-NOBODY00');
    expect(await world.parts.documents.get('evidence/INC-261120-NOBODY00/ticket.md')).toBeNull();
  });
});
