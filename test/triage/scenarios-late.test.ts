import { describe, expect, it } from 'vitest';
import { planMitigations } from '../../lib/mitigate/plan.ts';
import { tellOutside } from '../../lib/triage/outside-cause.ts';
import { diagnose } from '../../lib/triage/tree.ts';
import { context, readFindings } from './findings.ts';
import { judgeScenarios } from './scenarios.ts';

judgeScenarios('Mistral answers slowly', [
  {
    name: 'every answer takes 8 seconds, also without a key, and the connection none',
    found: 'models=ok{tookMs:8000} chats=ok{tookMs:8100} health=ok path=ok{tookMs:6000} connect=ok{connectMs:20}',
    verdict: 'problem timeout.headers between P2 medium',
    offered: ['enable-fallback', 'raise-timeout'],
    useless: ['rotate-key'],
    asks: 'Is it Mistral or our way there',
    says: 'one token took about 8 s (usually under 1 s); a call without a key waits as long.',
    first: 'Enable the fallback if users are hurt',
    because: 'a refusal needs no model: the edge is slow, or something in front of it that takes connections',
  },
  {
    name: 'the list and the chats take 8 seconds, and who has no key is refused at once',
    found: 'models=ok{tookMs:8000} chats=ok{tookMs:8100} health=ok path=ok{tookMs:90} connect=ok{connectMs:20}',
    verdict: 'problem timeout.headers theirs P2 high',
    offered: ['enable-fallback', 'raise-timeout'],
    useless: ['rotate-key'],
    asks: null,
    says: 'Mistral answers, but slowly: one token took about 8 s (usually under 1 s).',
    first: 'Enable the fallback if users are hurt',
    because: 'a token that takes eight seconds is an outage for whoever waits for a hundred',
  },
  {
    name: 'one token takes 5 seconds',
    found: 'models=ok chats=ok{tookMs:5000} health=ok connect=ok{connectMs:20}',
    verdict: 'healthy healthy none - high',
    offered: [],
    useless: [],
    asks: null,
    first: 'one token took about 5 s',
    because: 'the limit is where people stop to wait',
  },
  {
    name: 'one token takes a good 5 seconds, and the way there is fast',
    found: 'models=ok chats=ok{tookMs:5001} health=ok connect=ok{connectMs:20}',
    verdict: 'problem timeout.headers theirs P2 high',
    offered: ['enable-fallback', 'raise-timeout'],
    useless: ['rotate-key'],
    asks: null,
    because: 'the limit is where people stop to wait',
  },
  {
    name: 'one token takes 4 seconds',
    found: 'models=ok chats=ok{tookMs:4000} health=ok connect=ok{connectMs:20}',
    verdict: 'healthy healthy none - high',
    offered: [],
    useless: [],
    asks: null,
    first: 'one token took about 4 s, usually it is under 1 s',
    because: 'slower than it should be, and nobody leaves for it',
  },
  {
    name: 'one token takes 8 seconds, and so does the connection',
    found: 'models=ok chats=ok{tookMs:8000} health=ok connect=ok{connectMs:3000}',
    verdict: 'problem timeout.headers between P2 medium',
    offered: ['enable-fallback', 'raise-timeout'],
    useless: ['rotate-key'],
    asks: 'Ask the same chat from another network',
    because: 'the way is slow as well, so it may be all of it',
  },
  {
    name: 'one token takes 8 seconds, and nobody looked at the way',
    found: 'models=ok chats=ok{tookMs:8000} health=ok',
    verdict: 'problem timeout.headers between P2 medium',
    offered: ['enable-fallback', 'raise-timeout'],
    useless: ['rotate-key'],
    asks: 'Is it Mistral or our way there',
    because: 'whose time it is nobody has measured',
  },
  {
    name: 'one token takes 8 seconds, through a proxy that is reached fast',
    found: 'models=ok chats=ok{tookMs:8000} health=ok connect=ok{connectMs:2} proxy=ok{proxy:p:3128}',
    verdict: 'problem timeout.headers between P2 medium',
    offered: ['enable-fallback', 'raise-timeout'],
    useless: ['rotate-key'],
    asks: 'Is it Mistral or our way there',
    because: 'the connection leads to the proxy alone',
  },
  {
    name: 'one token takes 8 seconds, of which the headers tell most behind the edge',
    found:
      'models=ok chats=ok{tookMs:8000,upstreamMs:7600,edgeMs:30} health=ok connect=ok{connectMs:2} proxy=ok{proxy:p:3128}',
    verdict: 'problem timeout.headers theirs P2 high',
    offered: ['enable-fallback', 'raise-timeout'],
    useless: ['rotate-key'],
    asks: null,
    because: 'Mistral says itself that it took the time',
  },
  {
    name: 'one token takes 8 seconds, of which the headers tell hardly any',
    found: 'models=ok chats=ok{tookMs:8000,upstreamMs:300} health=ok connect=ok{connectMs:2}',
    verdict: 'problem timeout.headers between P2 medium',
    offered: ['enable-fallback', 'raise-timeout'],
    useless: ['rotate-key'],
    asks: 'Is it Mistral or our way there',
    because: 'Mistral had the answer within 300 ms; the rest went by elsewhere',
  },
  {
    name: 'one model is slow and the other is quick',
    found: 'models=ok small=ok large=ok{tookMs:8000} health=ok connect=ok{connectMs:20} deploy=ok{minutesAgo:20}',
    verdict: 'problem timeout.headers theirs P3 high',
    offered: ['enable-fallback', 'switch-model', 'raise-timeout'],
    useless: ['rotate-key', 'rollback'],
    asks: null,
    says: 'Large answers, but slowly: one token took about 8 s (usually under 1 s); small is quick.',
    because: 'some users wait, and the deploy is not in our question',
  },
  {
    name: 'one model is slow, and most calls fail',
    found:
      'models=ok small=ok large=ok{tookMs:8000} health=app.errors@500 connect=ok{connectMs:20} traffic=ok{share:0.6,perMinute:100}',
    verdict: 'problem timeout.headers theirs P1 medium',
    offered: ['enable-fallback', 'switch-model', 'raise-timeout'],
    useless: ['rotate-key'],
    asks: null,
    says: 'our own service fails, too',
    because: 'what users get is measured, and it is an outage',
  },
  {
    name: 'one model is slow and another is refused',
    found: 'models=ok small=rate.minute@429 large=ok{tookMs:8000} health=ok',
    verdict: 'problem rate.minute ours P2 high',
    offered: ['enable-fallback', 'reduce-concurrency'],
    useless: ['rotate-key', 'switch-model', 'raise-timeout'],
    says: '(small; large answers slowly, about 8 s for a token).',
    asks: 'Did our calls grow',
    because: 'what is refused is told before what is slow',
  },
  {
    name: 'every model is slow, and the fallback is asked of Mistral, too',
    found: 'models=ok chats=ok{tookMs:8000} health=ok connect=ok{connectMs:20}',
    fallbackModels: ['spare'],
    verdict: 'problem timeout.headers theirs P2 high',
    offered: ['raise-timeout'],
    useless: ['rotate-key', 'enable-fallback'],
    asks: null,
    because: 'a model at the same address is most likely as slow',
  },
  {
    name: 'one model is slow, and the fallback is the quick one',
    found: 'models=ok small=ok large=ok{tookMs:8000} health=ok connect=ok{connectMs:20}',
    fallbackModels: ['small'],
    verdict: 'problem timeout.headers theirs P3 high',
    offered: ['enable-fallback', 'switch-model', 'raise-timeout'],
    useless: ['rotate-key'],
    asks: null,
    because: 'it answers now',
  },
  {
    name: 'one model is slow, and the fallback is that one',
    found: 'models=ok small=ok large=ok{tookMs:8000} health=ok connect=ok{connectMs:20}',
    fallbackModels: ['large'],
    verdict: 'problem timeout.headers theirs P3 high',
    offered: ['switch-model', 'raise-timeout'],
    useless: ['rotate-key', 'enable-fallback'],
    asks: null,
    because: 'whoever waits is not helped by the model that makes them wait',
  },
  {
    name: 'one model fails, the other takes 12 seconds and is the fallback',
    found: 'models=ok small=ok{tookMs:12000} large=provider.overloaded@503 health=ok',
    fallbackModels: ['small'],
    verdict: 'problem provider.overloaded theirs P2 high',
    offered: ['enable-fallback', 'reduce-concurrency'],
    useless: ['rotate-key', 'switch-model'],
    asks: null,
    says: 'Mistral is overloaded or down (large; small answers slowly, about 12 s for a token).',
    because: 'a slow answer is better than none, and no model to move everybody to',
  },
  {
    name: 'one model fails, and the other streams its token after 12 seconds',
    found: 'models=ok small=ok stream:small=ok{tookMs:12000} large=provider.5xx@503 health=ok',
    fallbackModels: ['small'],
    verdict: 'problem provider.5xx theirs P2 high',
    offered: ['enable-fallback'],
    useless: ['rotate-key', 'switch-model'],
    asks: null,
    says: '(large; small answers slowly, about 12 s for a token).',
    because: 'whoever reads along waits as long',
  },
  {
    name: 'every model is slow, and nothing is cut off',
    found: 'models=ok chats=ok{tookMs:8000} health=ok connect=ok{connectMs:20} traffic=ok{share:0,perMinute:100}',
    verdict: 'problem timeout.headers theirs P2 high',
    offered: ['enable-fallback'],
    useless: ['rotate-key', 'raise-timeout'],
    asks: null,
    because: 'whoever waits gets the answer within the limit as it is',
  },
  {
    name: 'every model is slow, some calls are cut off, and they grow',
    found:
      'models=ok chats=ok{tookMs:8000} health=ok connect=ok{connectMs:20} traffic=ok{share:0.3,shareBefore:0.01,perMinute:300,perMinuteBefore:100}',
    verdict: 'problem timeout.headers theirs P2 medium',
    offered: ['reduce-concurrency', 'enable-fallback'],
    useless: ['rotate-key', 'raise-timeout'],
    asks: 'retries or more users',
    because: 'calls that wait longer pile up',
  },
  {
    name: 'the answer that took 8 seconds is from a minute ago',
    found: 'models=ok chats=ok{tookMs:8000,askedSecondsAgo:60} health=ok',
    verdict: 'healthy healthy none - high',
    offered: [],
    useless: [],
    asks: null,
    because: 'nobody has looked again',
  },
  {
    name: 'a model was full a moment ago, and now nothing answers in time',
    found:
      'models=timeout.headers chats=capacity.model@429{askedSecondsAgo:11} path=timeout.headers connect=ok health=ok',
    verdict: 'problem timeout.headers between P1 low',
    offered: ['enable-fallback'],
    useless: ['rotate-key'],
    asks: 'another network',
    because: 'what was answered before the outage says nothing about it',
  },
  {
    name: 'a model was full a moment ago, and now the key is refused',
    found: 'models=auth.invalid_key@401 chats=capacity.model@429{askedSecondsAgo:11} standby=ok path=ok health=ok',
    verdict: 'problem auth.invalid_key ours P1 medium',
    offered: ['rotate-key', 'enable-fallback'],
    useless: [],
    asks: null,
    because: 'the list is refused now; nobody could ask the models again',
  },
  {
    name: 'a model was full a moment ago, and everything else answers',
    found: 'models=ok small=ok large=capacity.model@429{askedSecondsAgo:11} health=ok',
    verdict: 'problem capacity.model theirs P2 high',
    offered: ['enable-fallback', 'switch-model', 'reduce-concurrency'],
    useless: ['rotate-key', 'raise-timeout'],
    asks: null,
    because: 'a limit of a moment ago holds until it was asked again',
  },
  {
    name: 'one token takes 8 seconds, and our service fails since a deploy 10 minutes ago',
    found:
      'models=ok chats=ok{tookMs:8000} path=ok connect=ok{connectMs:5} health=ok traffic=ok{share:0.5,shareBefore:0,perMinute:100,perMinuteBefore:100} deploy=ok{minutesAgo:10}',
    verdict: 'problem app.errors ours P1 medium',
    offered: ['rollback', 'enable-fallback'],
    useless: ['rotate-key'],
    asks: 'status',
    because: 'one slow look explains no half of the calls, and the deploy right before does',
  },
  {
    name: 'one token takes 8 seconds, and our health check fails',
    found: 'models=ok chats=ok{tookMs:8000} path=ok connect=ok{connectMs:5} health=app.errors@500',
    verdict: 'problem timeout.headers theirs P2 medium',
    offered: ['enable-fallback', 'raise-timeout'],
    useless: ['rotate-key'],
    asks: null,
    says: 'our own service fails, too',
    because: 'it may fail because it waits, and it may fail by itself',
  },
  {
    name: 'one token takes 8 seconds, and half of our calls fail',
    found:
      'models=ok chats=ok{tookMs:8000} path=ok connect=ok{connectMs:5} health=ok traffic=ok{share:0.5,shareBefore:0,perMinute:100,perMinuteBefore:100}',
    verdict: 'problem timeout.headers theirs P1 medium',
    offered: ['enable-fallback', 'raise-timeout'],
    useless: ['rotate-key'],
    asks: null,
    because: 'calls that give up sooner fail so; it is not proved',
  },
]);

describe('a slow answer', () => {
  const told = diagnose(readFindings('models=ok chats=ok{tookMs:8012} health=ok connect=ok{connectMs:20}'), context());

  it('is an answer on the path, and a model in trouble', () => {
    expect(told.path.map(({ answer }) => answer)).toEqual([
      'yes, in 10 ms',
      'yes, but only after 8012 ms',
      'yes, but only after 8012 ms',
      'yes, in 10 ms',
    ]);
    expect(told.impact?.models).toEqual(['small', 'large']);
  });

  it('is a reason to wait longer, in seconds', () => {
    const plan = planMitigations(told, { standby: 'present', secretId: 'mistral/checkout' });
    expect(plan.mitigations.map(({ why }) => why)).toEqual([
      'Users are served another way while Mistral answers slowly, if that way does not use Mistral.',
      'Answers come, in about 8 s for one token: with more time users get them.',
    ]);
  });

  it('is told to the provider as slow and not as missing', () => {
    expect(tellOutside(told)).toBe('One token takes longer than people wait (small, large).');
  });

  it('of a model that does not chat is that of its card', () => {
    const card = readFindings('models=ok chats=ok{tookMs:8000} health=ok').map((one) => ({
      ...one,
      facts: { ...one.facts, chats: false },
    }));
    expect(diagnose(card, context()).verdict).toBe('healthy');
  });
});
