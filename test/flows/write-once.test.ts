import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../lib/adapters/aws/failure.ts';
import type { JobBody } from '../../lib/domain/job.ts';
import { handleJob } from '../../lib/flows/handle-job.ts';
import type { Parts } from '../../lib/flows/parts.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { makeArrival } from '../make.ts';
import { shownNotes } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let id = '';
let searches = 0;

beforeEach(async () => {
  searches = 0;
  const telemetry = {
    metrics: () => Promise.resolve(null),
    picture: () => Promise.resolve(null),
    logs: () => {
      searches += 1;
      return Promise.resolve(null);
    },
  };
  world = await openWorld({}, { telemetry });
  [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
  await world.settle();
});
afterEach(() => world.close());

type Wanted = Extract<JobBody['kind'], 'evidence' | 'postmortem' | 'ticket'>;

const deliver = (attempt: number, change: Partial<Parts> = {}, kind: Wanted = 'evidence'): Promise<void> => {
  const body = { kind, incidentId: id, actor: 'U0MAYA' } as const;
  return handleJob({ ...world.parts, ...change }, { id: 'job-of-it', queue: 'jobs', body, attempt, receipt: '' });
};
const told = async (): Promise<readonly string[]> => {
  await world.settle();
  return (await shownNotes(world)).map(({ text }) => text).filter((text) => /evidence|postmortem|ticket/i.test(text));
};
const failing = (failure: 'denied' | 'unavailable'): Partial<Parts> => ({
  documents: {
    ...world.parts.documents,
    put: () => Promise.reject(new AwsError('s3.PutObject', failure, { code: 'Some' })),
  },
});
const unread: Partial<Parts> = { unreadSecrets: () => Promise.resolve(['mistral/other']) };

describe('a document', () => {
  it('that was told is not written again when its job comes again, nor is anything asked for it', async () => {
    await deliver(1);
    await deliver(2, failing('denied'));
    expect(await told()).toEqual([expect.stringContaining('Evidence collected by <@U0MAYA>')]);
    expect(searches).toBe(1);
  });

  it.each(['evidence', 'postmortem', 'ticket'] as const)(
    'that may not be put where it belongs (%s) is refused at once, in the thread and once',
    async (kind) => {
      await deliver(1, failing('denied'), kind);
      await deliver(2, failing('denied'), kind);
      expect(await told()).toEqual([expect.stringMatching(/was not written: s3\.PutObject: denied \(Some\)\./)]);
    },
  );

  it('that cannot be put for a while comes again, and is refused in the thread after the sixth try', async () => {
    for (let attempt = 1; attempt < 6; attempt += 1) {
      await expect(deliver(attempt, failing('unavailable'))).rejects.toThrow('s3.PutObject');
    }
    expect(await told()).toEqual([]);
    await deliver(6, failing('unavailable'));
    expect(await told()).toEqual([expect.stringContaining('s3.PutObject: unavailable')]);
    await deliver(7);
    expect(searches).toBe(6);
  });
});

describe('while a key is not known that must not stand in it', () => {
  it.each(['evidence', 'postmortem', 'ticket'] as const)('%s waits, and costs nothing', async (kind) => {
    await expect(deliver(1, unread, kind)).rejects.toThrow('mistral/other');
    expect(searches).toBe(0);
    await deliver(2, {}, kind);
    expect(await told()).toEqual([expect.not.stringContaining('not written')]);
  });

  it('nothing is written in the end, and the thread names the secret', async () => {
    await deliver(6, unread);
    expect(await told()).toEqual([
      expect.stringMatching(/^The evidence was not written: the keys in mistral\/other cannot be read/),
    ]);
    expect(await world.parts.documents.get(`evidence/${id}/manifest.json`)).toBeNull();
  });
});
