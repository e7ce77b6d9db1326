import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job, JobBody } from '../../lib/domain/job.ts';
import { handleTriageJob } from '../../lib/flows/handle-triage-job.ts';
import type { Parts } from '../../lib/flows/parts.ts';
import { runQueueOnce } from '../../lib/local/run-queue.ts';
import type { CallResult } from '../../lib/ports/probes.ts';
import { createAgenda } from './agenda.ts';
import { press } from './press.ts';
import { shownAnswers, whispersTo } from './slack-view.ts';
import { openWorld, STANDBY_KEY, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const answers = async (): Promise<readonly string[]> => (await shownAnswers(world)).map(({ text }) => text);

describe('/mistral-triage', () => {
  it('answers with one message in the channel, which names who asked', async () => {
    await press(world, 'command', '');
    expect(await answers()).toEqual([expect.stringContaining('Healthy')]);
    expect(JSON.stringify(await shownAnswers(world))).toContain('asked by <@U0MAYA>');
    expect(await whispersTo(world, 'U0MAYA')).toEqual([]);
  });

  it('fills the same message anew by the button under its answer, for whoever pressed', async () => {
    await press(world, 'command', 'triage staging/mistral-api');
    const [first] = await shownAnswers(world);
    expect(first?.text).toContain('Could not tell');
    await press(world, 'incident.triage', 'ask:mistral-api', { user: 'U0NOAH', messageTs: first?.ts ?? null });
    const after = await shownAnswers(world);
    expect(after.map(({ ts, text }) => [ts, text])).toEqual([[first?.ts, expect.stringContaining('Healthy')]]);
    expect(JSON.stringify(after)).toContain('asked by <@U0NOAH>');
  });

  it('shows at once that the button was pressed', async () => {
    await press(world, 'command', '');
    const [first] = await shownAnswers(world);
    const hanging = { ...world, settle: async () => undefined };
    await press(hanging, 'incident.triage', 'ask:mistral-api', { messageTs: first?.ts ?? null });
    await runQueueOnce(world.parts, { queue: 'jobs', atOnce: 50, leaseMs: 15_000 });
    expect(await answers()).toEqual(['Asking again about mistral-api.']);
    await world.settle();
    expect(await answers()).toEqual([expect.stringContaining('Healthy')]);
  });

  it('does not answer programs that press its button', async () => {
    await press(world, 'incident.triage', 'ask:mistral-api', { isBot: true });
    expect(await whispersTo(world, 'U0MAYA')).toEqual([expect.stringContaining('Programs may not press')]);
    expect(await answers()).toEqual([]);
  });
});

type Told = { readonly atMs: number; readonly told: string };

/** What is told when, while each question of Mistral takes its time. */
const ask = async (
  takesMs: { readonly list: number; readonly chat: number; readonly standby: number },
  body: Partial<Extract<JobBody, { readonly kind: 'ask-triage' }>> = {
    answer: { id: 'asked-1', messageTs: null, askedAt: '' },
  },
): Promise<readonly Told[]> => {
  const startMs = world.parts.clock.nowMs();
  const { clock, wait, begin, run, at } = createAgenda(startMs);
  const after = (latencyMs: number) => async (): Promise<CallResult> => {
    await wait(latencyMs);
    return { ok: true, latencyMs, evidence: { status: 200 } };
  };
  const told: Told[] = [];
  const put = async (jobs: readonly Job[]): Promise<void> => {
    for (const { body: said } of jobs)
      told.push({
        atMs: clock.nowMs() - startMs,
        told:
          said.kind === 'triage-progress'
            ? `${said.nth}: ${said.answered.length} of ${said.answered.length + (said.openCount ?? 0)}`
            : said.kind,
      });
  };
  const parts: Parts = {
    ...world.parts,
    clock,
    wait,
    jobs: { ...world.parts.jobs, put },
    mistral: {
      listModels: (key) => after(key === STANDBY_KEY ? takesMs.standby : takesMs.list)(),
      listWithoutKey: after(takesMs.list),
      chatOnce: (key) => after(key === STANDBY_KEY ? takesMs.standby : takesMs.chat)(),
      streamOnce: after(takesMs.chat),
      retrieveModel: after(takesMs.list),
    },
  };
  const question = { kind: 'ask-triage', service: null, channel: 'C0INCIDENTS', user: 'U0MAYA', ...body } as const;
  at(60_000, () => undefined);
  begin(() => handleTriageJob(parts, { id: 'ask-1', queue: 'triage', body: question, attempt: 1, receipt: '' }));
  await run(30_000);
  return told;
};

describe('a question about the Mistral API', () => {
  it('is answered by the verdict alone where it comes within two seconds', async () => {
    expect((await ask({ list: 100, chat: 1_800, standby: 100 })).map(({ told }) => told)).toEqual(['verdict']);
  });

  it('tells after two seconds what has answered, and every two seconds what is new', async () => {
    expect(await ask({ list: 100, chat: 6_900, standby: 3_500 })).toEqual([
      { atMs: 2_000, told: '1: 3 of 5' },
      { atMs: 4_000, told: '2: 4 of 5' },
      { atMs: 7_000, told: 'verdict' },
    ]);
  });

  it('waits for the first answer where nothing has answered after two seconds', async () => {
    expect(await ask({ list: 3_000, chat: 1_000, standby: 3_500 })).toEqual([
      { atMs: 3_000, told: '1: 3 of 5' },
      { atMs: 4_000, told: 'verdict' },
    ]);
  });

  it('of an older version is told once before the verdict: it would be whispered each time', async () => {
    expect((await ask({ list: 100, chat: 6_900, standby: 3_500 }, {})).map(({ told }) => told)).toEqual([
      '1: 3 of 5',
      'verdict',
    ]);
  });
});
