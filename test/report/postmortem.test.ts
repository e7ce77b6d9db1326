import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BRANCHES } from '../../lib/domain/branch.ts';
import type { Incident } from '../../lib/domain/incident.ts';
import { LEAD, ROTATION_LEASE, SAMPLE_DIAGNOSIS, SAMPLE_INCIDENT } from '../../lib/local/preview-samples.ts';
import { mdText } from '../../lib/report/markdown.ts';
import { renderPostmortem } from '../../lib/report/postmortem.ts';
import { describeMilestones, orderTimeline } from '../../lib/report/timeline.ts';

const writtenAt = '2026-11-20T03:50:00.000Z';
const incident: Incident = { ...SAMPLE_INCIDENT, diagnosis: SAMPLE_DIAGNOSIS };
const entry = (id: string, at: string, text = id) => ({ id, at, kind: 'update' as const, actor: LEAD, text, refs: [] });
const write = (patch: Partial<Incident>, more: Partial<Parameters<typeof renderPostmortem>[0]> = {}): string =>
  renderPostmortem({ incident: { ...incident, ...patch }, timeline: [], audit: [], leases: [], writtenAt, ...more });

describe('a postmortem', () => {
  it('has every part also when nothing is known, and says unknown', () => {
    const text = write({ diagnosis: null, milestones: {}, commander: null });
    expect(text).toContain('| Commander | nobody |');
    for (const part of [
      'Summary',
      'Timeline (UTC)',
      'Milestones',
      'Root cause',
      'Impact',
      'Mitigations',
      'Action items',
      'Evidence',
    ]) {
      expect(text).toContain(`\n## ${part}\n`);
    }
    expect(text).toContain('The cause is unknown');
    expect(text).toContain('| Date | unknown |');
    expect(text).toContain('- Users affected: unknown');
    expect(text).not.toMatch(/undefined|null|NaN|Invalid/);
  });

  it('names evidence for every fact, row and sentence', () => {
    const text = write({}, { timeline: [entry('t-1', writtenAt)], leases: [ROTATION_LEASE] });
    const [head = '', ...parts] = text.split('\n## ');
    const factsOf = (part: string): readonly string[] =>
      part
        .split('\n')
        .filter((line) => /^(\| (?!-|What|Time|Milestone|Mitigation|No\.|Mark)|- |[A-Z].*\.$)/.test(line));
    const statements = [head, ...parts.filter((part) => !part.startsWith('Evidence'))].flatMap(factsOf);
    expect(statements.length).toBeGreaterThan(20);
    const unproved = statements.filter(
      (line) => !/\[(?:timeline|probe|lease|alert|audit|incident|diagnosis) /.test(line),
    );
    expect(unproved.filter((line) => !line.includes('unknown') && !line.includes('this document'))).toEqual([]);
  });

  it.each(BRANCHES)('proposes something to do after %s', (branch) => {
    const text = write({ diagnosis: { ...SAMPLE_DIAGNOSIS, branch } });
    expect(text).toMatch(/\| 1 \| .+ \| P[123] \| not assigned \| 2026-1[12]-\d\d \| \[diagnosis /);
  });

  it('proposes a new standby key after a refused one', () => {
    expect(write({})).toContain('| 1 | Prepare a new standby key');
  });

  it('holds no secret, ours or one that looks like one', () => {
    const secret = 'own_secret_value_0123456789';
    const text = write(
      { title: `x ${secret}`, service: secret },
      { timeline: [entry('t', writtenAt, `X_API_KEY=abc ${secret}`)], secrets: [secret] },
    );
    expect(text).not.toMatch(/own_secret|0123456789|=abc/);
    expect(text).toContain('\\[redacted\\]');
  });

  it('calls a drill a drill and an open incident open', () => {
    expect(write({ drill: true }).startsWith('# DRILL · Postmortem')).toBe(true);
    expect(write({})).toContain('| Duration | not over yet |');
  });

  it('keeps its tables whole, whatever the titles say', () => {
    const parts = fc.constantFrom(
      '|',
      '\n',
      '\r',
      '`',
      '```',
      '<script>',
      '](x)',
      '[',
      '![',
      '\\',
      '\\|',
      '# ',
      '---',
      '| --- |',
      '<!--',
      '&lt;',
      '@here',
      'https://evil.example',
      'www.evil.example',
      '*',
      '_',
      '\u202e',
      '1. ',
      'word ',
      '<@U0EVIL>',
    );
    const hostile = fc.array(parts, { maxLength: 10 }).map((list) => list.join(''));
    fc.assert(
      fc.property(hostile, (title) => {
        const lease = { ...ROTATION_LEASE, outcome: title, requestedBy: title };
        const diagnosis = { ...SAMPLE_DIAGNOSIS, cause: title, path: [{ question: title, answer: title }] };
        const text = write(
          { title, service: title, commander: title, diagnosis },
          { timeline: [entry(title, writtenAt, title)], leases: [lease] },
        );
        const rows = text.split('\n').filter((line) => line.startsWith('|'));
        const calm = write(
          { title: 'x', commander: 'x' },
          { timeline: [entry('x', writtenAt)], leases: [ROTATION_LEASE] },
        );
        const columns = (line: string): number => line.replace(/\\./g, '').split('|').length;
        expect(rows.map(columns)).toEqual(
          calm
            .split('\n')
            .filter((line) => line.startsWith('|'))
            .map(columns),
        );
        expect(text).not.toMatch(/<|:\/\/|www\.|@|\u202e/);
        expect(text.split('\n').filter((line) => line.startsWith('#'))).toHaveLength(9);
      }),
    );
  });

  it.each([
    ['a|b', 'a\\|b'],
    ['<b>x</b>', '&lt;b&gt;x&lt;/b&gt;'],
    ['[x](https://evil.example)', '\\[x\\](https\\[:\\]//evil.example)'],
    ['# head', '\\# head'],
    ['- item', '\\- item'],
    ['1. item', '1\\. item'],
    ['a_b auth.invalid_key _x_', 'a_b auth.invalid_key \\_x\\_'],
    ['&lt;', '&amp;lt;'],
    ['two\nlines', 'two lines'],
    ['$1$ \\', '\\$1\\$ \\\\'],
  ])('writes %j as %j', (text, expected) => {
    expect(mdText(text)).toBe(expected);
  });
});

describe('the timeline', () => {
  it('is in order of time, then of id, each entry once', () => {
    const late = entry('a', '2026-11-20T04:00:00.000Z');
    const early = entry('c', '2026-11-20T03:00:00.000Z');
    const same = entry('b', '2026-11-20T03:00:00.000Z');
    expect(orderTimeline([late, early, same, early]).map(({ id }) => id)).toEqual(['b', 'c', 'a']);
  });

  it('measures milestones from the start and knows what it does not know', () => {
    const facts = describeMilestones({
      milestones: { started: '2026-11-20T03:00:00.000Z', acknowledged: '2026-11-20T03:02:00.000Z' },
    });
    expect(facts.find(({ milestone }) => milestone === 'acknowledged')?.sinceStartMs).toBe(120_000);
    expect(facts.find(({ milestone }) => milestone === 'resolved')).toEqual({
      milestone: 'resolved',
      at: null,
      sinceStartMs: null,
    });
    expect(facts.map(({ milestone }) => milestone)).toEqual([
      'started',
      'detected',
      'acknowledged',
      'commanderAssigned',
      'causeIdentified',
      'mitigated',
      'resolved',
    ]);
  });
});
