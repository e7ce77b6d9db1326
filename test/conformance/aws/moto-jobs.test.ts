import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openJobs } from '../../../lib/adapters/aws/jobs.ts';
import type { Jobs } from '../../../lib/ports/jobs.ts';
import { callPeer } from '../../adapters/aws/call-peer.ts';
import { makeQueues, type Queues } from '../../adapters/aws/make-queues.ts';
import { describeJobs, type OpenedJobs } from '../../contracts/jobs.ts';
import { type Moto, openMoto, skipsMoto } from './moto.ts';
import { createMotoClock, type MotoClock } from './moto-clock.ts';

describe.skipIf(skipsMoto)('on moto', () => {
  let clock: MotoClock;
  let moto: Moto;
  let count = 0;
  beforeAll(async () => {
    clock = createMotoClock();
    moto = await openMoto(clock.environment);
  });
  afterAll(async () => {
    await moto.close();
    clock.remove();
  });

  const openOn = async (maxAttempts: number): Promise<Queues & { readonly port: Jobs; readonly other: Jobs }> => {
    count += 1;
    const call = callPeer(moto.url);
    const queues = await makeQueues(call, `test${count}`, maxAttempts);
    return { ...queues, port: openJobs(call, queues.urls), other: openJobs(callPeer(moto.url), queues.urls) };
  };

  const open = async (maxAttempts: number): Promise<OpenedJobs> => {
    const { port, other, countDead } = await openOn(maxAttempts);
    return { port, other, passMs: clock.passMs, countDeadLetters: countDead, close: async () => undefined };
  };

  // moto gives one message to two who ask at the same moment, and lets every proof that it ever had delete it. AWS's reference promises
  // no better of a standard queue.
  describeJobs('SQS on moto', open, { remembersDone: false, exclusive: false });

  it('a lease that is over is nothing to tell, also when the message is gone', async () => {
    const { port } = await openOn(3);
    await port.put([{ id: 'a', queue: 'jobs', body: { kind: 'recheck', incidentId: 'INC-1' } }]);
    const [taken] = await port.take('jobs', 1, 1000);
    if (taken === undefined) throw new Error('nothing to take');
    await port.done(taken);
    await expect(port.done(taken)).resolves.toBeUndefined();
    await expect(port.later(taken, 0, 'late')).resolves.toBeUndefined();
  });
});
