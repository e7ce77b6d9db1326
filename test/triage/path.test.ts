import { describe, expect, it } from 'vitest';
import type { Branch } from '../../lib/domain/branch.ts';
import { diagnose } from '../../lib/triage/tree.ts';
import { BRANCH_WORDS } from '../../lib/triage/words.ts';
import { context, readFindings } from './findings.ts';

const told = (found: string) => diagnose(readFindings(found), context());
const questions = (found: string): readonly string[] => told(found).path.map(({ question }) => question);

describe('the path', () => {
  it.each([
    ['all=auth.invalid_key standby=ok region:eu=ok keys=ok dns=ok health=ok', 'models? standby? region:eu? keys?'],
    ['all=net.refused dns=ok connect=net.refused path=net.refused standby=ok', 'models? dns? connect? path?'],
    ['all=net.tls_hostname tls=net.tls_hostname clock=ok dns=ok', 'models? tls? clock?'],
    ['models=ok small=ok large=rate.minute spend=ok dns=ok', 'models? chat:small? chat:large? spend?'],
    [
      'models=ok small=ok large=model.retired_or_unknown model:small=ok model:large=ok',
      'models? chat:small? chat:large? model:large?',
    ],
    [
      'all=ok health=app.errors traffic=ok deploy=ok standby=ok',
      'models? chat:small? chat:large? health? traffic? deployments?',
    ],
    ['all=ok health=ok standby=ok dns=ok', 'models? chat:small? chat:large? health?'],
  ])('of %s asks %s', (found, asked) => {
    expect(questions(found).join(' ')).toBe(asked);
  });

  it('ends with what the status page says when it says trouble, as a remark', () => {
    expect(told('all=provider.5xx status=ok{indicator:major,incidents:2}').path.at(-1)).toEqual({
      question: 'status-page?',
      answer: 'major, 2 open; a remark, it decides nothing',
    });
    for (const quiet of ['ok{indicator:none}', 'unknown{indicator:unreadable}', 'unknown{indicator:major}'])
      expect(questions(`all=provider.5xx status=${quiet}`)).not.toContain('status-page?');
  });

  it('tells of the calls and the deploy what was found, not that something was', () => {
    const found = readFindings('all=ok health=app.errors traffic=ok{share:0,perMinute:100}').map((finding) =>
      finding.name === 'traffic' ? { ...finding, why: 'Prometheus: 100 requests a minute, 0 % of them fail' } : finding,
    );
    expect(diagnose(found, context()).path.at(-1)?.answer).toBe('Prometheus: 100 requests a minute, 0 % of them fail');
  });

  it('has the words of the branch that second questions point to, and keeps the number', () => {
    const found = readFindings('models=ok chats=model_or_route.not_found model:small=model.retired_or_unknown').map(
      (finding) => (finding.name === 'chat:small' ? { ...finding, why: 'something else (404, code 3003)' } : finding),
    );
    const answer = diagnose(found, context()).path.find(({ question }) => question === 'chat:small?')?.answer;
    expect(answer).toBe('no: 404, code 3003');
  });
});

const withWhy = (found: string, whys: Readonly<Record<string, string>>) =>
  diagnose(
    readFindings(found).map((one) => (whys[one.name] === undefined ? one : { ...one, why: whys[one.name] ?? '' })),
    context(['small']),
  );

describe('an answer', () => {
  it('of a refused key and of the standby stands as it was where together they tell of a bill', () => {
    const refused = `${BRANCH_WORDS['auth.invalid_key'].what} (401)`;
    const { path } = withWhy(
      'models=auth.invalid_key@401 small=auth.invalid_key@401 standby=billing.inactive_or_limit',
      {
        models: refused,
        'chat:small': refused,
        standby: `${BRANCH_WORDS['billing.inactive_or_limit'].what} (401)`,
      },
    );
    expect(path.map(({ answer }) => answer)).toEqual([
      `no: ${refused}`,
      'no: the subscription is inactive or its usage limit is reached (401)',
    ]);
  });

  it('of a card says that the model is gone, and of one that tells nothing what it was', () => {
    const answer = (card: string): string | undefined =>
      withWhy(`models=ok small=model.retired_or_unknown@400 model:small=${card}`, {
        'model:small': 'the words (404)',
      }).path.find(({ question }) => question === 'model:small?')?.answer;
    expect(answer('model.retired_or_unknown')).toBe('that it is gone (404)');
    expect(answer('rate.minute')).toBe('the words (404)');
  });

  it('says nothing that the cause corrects: through a proxy it is the name of the proxy', () => {
    const { cause, probes } = withWhy('models=net.dns small=net.dns dns=net.dns proxy=net.dns{proxy:p:3128}', {
      models: `${BRANCH_WORDS['net.dns'].what} (ENOTFOUND)`,
    });
    expect(cause).toContain('The name of our proxy does not resolve');
    expect(probes[0]?.why).toBe('the name of our proxy does not resolve (ENOTFOUND)');
  });

  it('that is an error inside a 200 is told as one', () => {
    const { cause, nextSteps } = withWhy('models=ok small=content.schema_mismatch@200{code:no_room}', {});
    expect(cause).toBe('An error comes inside a 200 (code no_room).');
    expect(nextSteps.join(' ')).not.toContain('SDK');
    const other = withWhy('models=ok small=content.schema_mismatch@200', {});
    expect(other.nextSteps[0]).toContain('Compare the version of the SDK');
  });
});

describe('what came in the place of an answer', () => {
  const answers = (branch: Branch, sign: string, latencyMs = 10_004): readonly string[] => {
    const { what } = BRANCH_WORDS[branch];
    const found = readFindings(`all=${branch}`).map((one) => ({ ...one, latencyMs, why: `${what}${sign}` }));
    return [...new Set(diagnose(found, context()).path.map(({ answer }) => answer))];
  };

  it.each([
    ['content.empty', ' (200)', 'no: an empty answer'],
    ['net.intercepted_200_html', ' (200)', 'no: a web page'],
    ['net.intercepted_200_html', ' (302)', 'no: a redirect'],
    ['content.malformed_json', ' (200)', 'no: something that is no JSON'],
    ['content.schema_mismatch', ' (200)', 'no: an answer of another shape'],
    ['content.unexpected_type', ' (200)', 'no: an answer of another kind'],
    ['stream.cut', '', 'no: an answer that breaks off'],
    ['timeout.headers', '', 'no: nothing in 10 s'],
    ['timeout.body_or_stream', '', 'no: no end in 10 s'],
    ['auth.invalid_key', ' (401)', 'no: 401'],
    ['net.refused', '', 'no'],
  ] as const)('by %s%s is told: %s', (branch, sign, answer) => {
    expect(answers(branch, sign)).toEqual([answer]);
  });

  it('is told of a short wait in milliseconds, and not where the cause says something else', () => {
    expect(answers('timeout.headers', '', 400)).toEqual(['no: nothing in 400 ms']);
    const { path } = withWhy('models=auth.invalid_key small=auth.invalid_key standby=timeout.headers', {
      standby: 'no answer comes in time',
    });
    expect(path.at(-1)?.answer).toBe('no: no answer comes in time');
  });
});

describe('the card of a model that fails whole and streamed', () => {
  it('is read once', () => {
    const found = 'models=ok small=model.retired_or_unknown stream:small=model.retired_or_unknown model:small=ok';
    expect(questions(found).filter((question) => question === 'model:small?')).toHaveLength(1);
  });
});

describe('a proxy', () => {
  const UNUSED = 'none: the environment names p:3128, and calls do not take it (NODE_USE_ENV_PROXY is not 1)';
  const proxyAnswer = (found: string, why: string) => {
    const { path, nextSteps } = withWhy(found, { proxy: why });
    return [path.find(({ question }) => question === 'proxy?')?.answer, nextSteps[0]?.includes('NODE_USE_ENV_PROXY')];
  };

  it.each([
    ['all=net.refused proxy=ok', 'none', 'no proxy in the way', false],
    ['all=net.refused proxy=ok{unusedProxy:p:3128}', UNUSED, UNUSED.replace('none', 'no proxy in the way'), true],
    ['all=net.refused proxy=ok{proxy:p:3128}', 'let through', 'yes, in 10 ms', false],
    ['all=net.refused proxy=net.proxy_auth{proxy:p:3128}', 'it wants a login', 'no: it wants a login', false],
    [
      'models=ok small=net.refused proxy=ok{unusedProxy:p:3128}',
      UNUSED,
      UNUSED.replace('none', 'no proxy in the way'),
      false,
    ],
  ])('asked in %s, which says %s, is answered: %s', (found, why, answer, isFirstStep) => {
    expect(proxyAnswer(found, why)).toEqual([answer, isFirstStep]);
  });
});

describe('what to do', () => {
  it.each([
    ['all=ok health=ok traffic=ok{share:0,perMinute:100,p95Ms:4000,p95MsBefore:900}', 'twice as long as an hour ago'],
    ['all=ok health=ok keys=ok{expiresAt:2026-11-19T00:00:00Z}', 'should have ended on 2026-11-19'],
    ['all=ok health=ok standby=billing.inactive_or_limit', 'Replace the standby key'],
  ])('about %s is a remark while all is well', (found, step) => {
    const { verdict, nextSteps } = told(found);
    expect(verdict).toBe('healthy');
    expect(nextSteps).toHaveLength(1);
    expect(nextSteps[0]).toContain(step);
  });

  it('is nothing where all is well', () => {
    const found =
      'all=ok health=ok standby=ok traffic=ok{share:0,perMinute:100,p95Ms:950,p95MsBefore:900} clock=ok{clockSkewMs:300000}';
    expect(told(found).nextSteps).toEqual([]);
  });

  it('says that the standby is refused also where not all is known, after what to do about that', () => {
    const { verdict, nextSteps } = told('models=ok small=unknown large=ok health=ok standby=auth.invalid_key');
    expect(verdict).toBe('unknown');
    expect(nextSteps).toHaveLength(2);
    expect(nextSteps[1]).toContain('Replace the standby key: it is refused');
    expect(told('models=ok small=unknown large=ok health=ok standby=ok').nextSteps).toHaveLength(1);
    expect(told('all=provider.5xx standby=auth.invalid_key').nextSteps.join()).not.toContain('standby');
  });

  it('says each thing once, and rolls back without an if where it began with a deploy', () => {
    const { nextSteps } = told('all=ok health=app.errors deploy=ok{minutesAgo:3,version:4.2.0}');
    expect(nextSteps.filter((step) => step.startsWith('Roll back'))).toHaveLength(1);
    expect(new Set(nextSteps).size).toBe(nextSteps.length);
  });
});
