import { describe, expect, it } from 'vitest';
import { NoAnswer } from '../../lib/adapters/get-json.ts';
import { SourceError } from '../../lib/adapters/source-error.ts';
import type { ProbeFacts } from '../../lib/domain/diagnosis.ts';
import type { FactSource } from '../../lib/ports/probe-sources.ts';
import type { ServiceTarget } from '../../lib/ports/probes.ts';
import { keyLives } from '../../lib/probes/key-lives.ts';
import { recentDeployments } from '../../lib/probes/recent-deployments.ts';
import { spendLeft } from '../../lib/probes/spend-left.ts';
import { statusPage } from '../../lib/probes/status-page.ts';
import { traffic } from '../../lib/probes/traffic.ts';

const target: ServiceTarget = {
  name: 'chat-api',
  environment: 'production',
  models: ['a'],
  secretId: 's',
  healthUrl: null,
};
const NOW_MS = Date.parse('2026-11-20T12:00:00.000Z');
const clock = { nowMs: () => NOW_MS };

const says = (name: string, facts: ProbeFacts | null): FactSource => ({ name, read: () => Promise.resolve(facts) });
const fails = (name: string, error: Error): FactSource => ({ name, read: () => Promise.reject(error) });
const hangs = (name: string): FactSource => ({ name, read: () => new Promise(() => undefined) });

const down = fails('Prometheus', new NoAnswer('the connection is refused'));
const FACTS = { requestsPerMinute: 120, failingShare: 0.031, windowMinutes: 5 };

describe('the traffic', () => {
  it('is that of the first source that has some, and the sources behind it are not asked', async () => {
    let asked = 0;
    const behind: FactSource = {
      name: 'behind',
      read: () => {
        asked += 1;
        return Promise.resolve(FACTS);
      },
    };
    const answer = await traffic([says('absent', null), says('CloudWatch', FACTS), behind], target).ask(1_000);
    expect(answer).toMatchObject({
      outcome: 'ok',
      facts: { source: 'CloudWatch', ...FACTS },
      note: 'CloudWatch: 120 requests a minute, 3.1 % of them fail',
    });
    expect(asked).toBe(0);
  });

  it('names the sources that were down before the one that spoke', async () => {
    expect(await traffic([down, says('CloudWatch Logs', FACTS)], target).ask(1_000)).toMatchObject({
      outcome: 'ok',
      facts: { source: 'CloudWatch Logs' },
      note: expect.stringContaining('Prometheus: the connection is refused'),
    });
  });

  it('is unknown with the why of each when all are down, and is never a zero', async () => {
    const answer = await traffic([down, fails('CloudWatch', new SourceError('no metrics'))], target).ask(1_000);
    expect(answer).toMatchObject({
      outcome: 'unknown',
      why: 'Prometheus: the connection is refused; CloudWatch: no metrics',
    });
    expect(answer).not.toHaveProperty('facts');
  });

  it('is unknown where no source is configured', async () => {
    for (const sources of [[], [says('Prometheus', null)]])
      expect(await traffic(sources, target).ask(1_000)).toMatchObject({
        outcome: 'unknown',
        why: 'no source of metrics is configured for it',
        facts: { configured: false },
      });
  });

  it('does not wait for a source that hangs longer than its part of the time', async () => {
    const limits: number[] = [];
    const silent: FactSource = {
      name: 'silent',
      read: (_target, ms) => {
        limits.push(ms);
        return Promise.resolve(null);
      },
    };
    await traffic([silent, silent, silent], target).ask(900);
    expect(limits.map((ms, index) => ms > 0 && ms <= 900 / (3 - index))).toEqual([true, true, true]);
    expect(await traffic([hangs('Prometheus'), says('CloudWatch', FACTS)], target).ask(60)).toMatchObject({
      outcome: 'ok',
      facts: { source: 'CloudWatch' },
      note: expect.stringContaining('Prometheus: no answer in time'),
    });
  });

  it('shows no word of an error that is not made to be shown', async () => {
    const answer = await traffic([fails('Prometheus', new TypeError('Bearer hush'))], target).ask(1_000);
    expect(answer).toMatchObject({ outcome: 'unknown', why: 'Prometheus: it cannot be read' });
  });
});

describe('the deployments', () => {
  const at = (deployedAt: string, version: string): ProbeFacts => ({ deployedAt, version });

  it('are told by whichever source knows the newest', async () => {
    const sources = [
      says('the deployments feed', at('2026-11-20T11:00:00.000Z', '1.1.0')),
      says('Kubernetes', { ...at('2026-11-20T11:50:20.000Z', '1.2.0'), revision: '7' }),
      says('Lambda', null),
      says('the release note', at('2026-11-19T11:50:20.000Z', '1.0.0')),
    ];
    expect(await recentDeployments(sources, target, clock).ask(1_000)).toMatchObject({
      outcome: 'ok',
      facts: {
        source: 'Kubernetes',
        deployedAt: '2026-11-20T11:50:20.000Z',
        version: '1.2.0',
        minutesAgo: 10,
        revision: '7',
      },
    });
  });

  it('before the newest one are told, too, whichever source knows them', async () => {
    const feed = {
      ...at('2026-11-20T11:40:00.000Z', '1.1.1'),
      deployedAt2: '2026-11-20T11:20:00.000Z',
      version2: '1.1.0',
    };
    const sources = [says('feed', feed), says('Kubernetes', { ...at('2026-11-20T11:30:00.000Z', '7'), revision: '9' })];
    expect(await recentDeployments(sources, target, clock).ask(1_000)).toMatchObject({
      facts: {
        source: 'feed',
        version: '1.1.1',
        deployedAt2: '2026-11-20T11:30:00.000Z',
        version2: '7',
        deployedAt3: '2026-11-20T11:20:00.000Z',
        version3: '1.1.0',
      },
    });
  });

  it('tell of the sources that could not say, which may know a newer one', async () => {
    const sources = [
      says('feed', at('2026-11-20T11:00:00.000Z', '1')),
      fails('Kubernetes', new SourceError('refused')),
    ];
    expect(await recentDeployments(sources, target, clock).ask(1_000)).toMatchObject({
      outcome: 'ok',
      note: expect.stringContaining('Kubernetes: refused'),
    });
  });

  it('are asked for all at once, so that one that hangs costs the others nothing', async () => {
    const sources = [hangs('Kubernetes'), says('feed', at('2026-11-20T11:00:00.000Z', '1'))];
    expect(await recentDeployments(sources, target, clock).ask(40)).toMatchObject({ facts: { source: 'feed' } });
  });

  it('are unknown where nobody tells, and where what is told has no date', async () => {
    expect(await recentDeployments([says('feed', null)], target, clock).ask(1_000)).toMatchObject({
      outcome: 'unknown',
      why: 'nobody has told of a deployment',
    });
    const undated = says('feed', { version: '1', deployedAt: 'soon' });
    expect(await recentDeployments([undated], target, clock).ask(1_000)).toMatchObject({ outcome: 'unknown' });
  });

  it('of a clock ahead of ours were now, and not in the future', async () => {
    const ahead = says('feed', at('2026-11-20T12:03:00.000Z', '1'));
    expect(await recentDeployments([ahead], target, clock).ask(1_000)).toMatchObject({ facts: { minutesAgo: 0 } });
  });

  it('that lie further ahead hide none that went out, and are told of where there is no other', async () => {
    const note = says('the release note', { ...at('2099-01-01T00:00:00.000Z', '9'), revision: '9' });
    const soon = says('Kubernetes', {
      ...at('2026-11-20T12:05:20.001Z', '8'),
      revision: '8',
      deployedAt2: '2026-11-20T11:00:00.000Z',
      version2: '7',
    });
    const { facts } = await recentDeployments([note, soon], target, clock).ask(1_000);
    expect(facts).toEqual({
      source: 'Kubernetes',
      deployedAt: '2026-11-20T11:00:00.000Z',
      version: '7',
      minutesAgo: 60,
    });
    expect(await recentDeployments([note, says('feed', null)], target, clock).ask(1_000)).toMatchObject({
      outcome: 'unknown',
      why: 'the release note tells of one that lies ahead of our clock (2099-01-01)',
    });
    const refused = fails('Kubernetes', new SourceError('refused'));
    expect(await recentDeployments([note, refused], target, clock).ask(1_000)).toMatchObject({
      why: 'Kubernetes: refused; the release note tells of one that lies ahead of our clock (2099-01-01)',
    });
  });
});

describe('the status page', () => {
  it('is told as what it says of itself', async () => {
    expect(await statusPage(says('page', { indicator: 'major', incidents: 2 }), target).ask(1_000)).toMatchObject({
      outcome: 'ok',
      facts: { indicator: 'major', incidents: 2 },
    });
  });

  it('that cannot be read is unknown and unreadable, and never a sign that all is well', async () => {
    for (const source of [fails('page', new NoAnswer('it answers 403', 403)), says('page', null)])
      expect(await statusPage(source, target).ask(1_000)).toMatchObject({
        outcome: 'unknown',
        facts: { indicator: 'unreadable' },
      });
  });

  it('has three seconds and no more, whatever the others have', async () => {
    let limitMs = 0;
    const source: FactSource = {
      name: 'page',
      read: (_target, ms) => {
        limitMs = ms;
        return Promise.resolve(null);
      },
    };
    await statusPage(source, target).ask(15_000);
    expect(limitMs).toBe(3_000);
  });
});

describe('the account', () => {
  it('says in facts that the limit is reached, and judges nothing', async () => {
    const facts = { monthlyLimitReached: true, spentUsd: 100, limitUsd: 100 };
    expect(await spendLeft(says('the Admin API', facts), target).ask(1_000)).toMatchObject({
      outcome: 'ok',
      facts,
      note: 'the monthly limit is reached',
    });
  });

  it('says until when the key is good, or that no end is known', async () => {
    const until = { keyName: 'chat', expiresAt: '2026-12-01T00:00:00.000Z' };
    const ask = (facts: ProbeFacts | null) => keyLives(says('the Admin API', facts), target).ask(1_000);
    expect(await ask(until)).toMatchObject({ outcome: 'ok', facts: until, note: 'until 2026-12-01 00:00:00 UTC' });
    expect(await ask({ keyName: 'chat' })).toMatchObject({ outcome: 'ok', note: 'it has no end that is known' });
    expect(await ask(null)).toMatchObject({ outcome: 'unknown' });
  });

  it('that cannot be asked leaves both questions open', async () => {
    const refused = fails('the Admin API', new SourceError('it refuses the admin key (401)'));
    for (const probe of [spendLeft(refused, target), keyLives(refused, target)])
      expect(await probe.ask(1_000)).toMatchObject({
        outcome: 'unknown',
        why: 'the Admin API: it refuses the admin key (401)',
      });
  });
});
