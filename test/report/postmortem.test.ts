import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BRANCHES } from '../../lib/domain/branch.ts';
import type { Incident } from '../../lib/domain/incident.ts';
import { LEAD, ROTATION_LEASE, SAMPLE_DIAGNOSIS, SAMPLE_INCIDENT } from '../../lib/local/preview-samples.ts';
import { nextAuditEntry } from '../../lib/report/audit.ts';
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

  it.each([
    ['a rotation', [ROTATION_LEASE], {}, /Prepare a new standby key.*\[lease LSE.*Delete the old key/s],
    ['a rotation that was undone', [{ ...ROTATION_LEASE, state: 'reverted' }], {}, /it is the current one again/],
    ['a rotation nobody knows of', [{ ...ROTATION_LEASE, state: 'unknown' }], {}, /Find out whether Rotate key is in/],
    ['no rotation', [], {}, /it is still the current one/],
    ['no rotation, while the key works again', [], { wellSince: writtenAt }, /See that a standby key is stored/],
  ] as const)('proposes what is to be done about the keys after %s', (_name, leases, patch, expected) => {
    const text = write(patch, { leases });
    expect(text).toMatch(expected);
    if (!leases.some(({ state }) => state === 'active')) expect(text).not.toMatch(/Prepare a new|Delete the old/);
  });

  it('of two rotations proposes one standby key', () => {
    const text = write({}, { leases: [ROTATION_LEASE, { ...ROTATION_LEASE, id: 'LSE-SECOND' }] });
    expect(text.match(/Prepare a new standby key.*/g)).toEqual([expect.stringContaining('[lease LSE-SECOND]')]);
  });

  it('calls a fallback that was taken back after the end in effect until then, and proposes no undo', () => {
    const lease = { ...ROTATION_LEASE, kind: 'enable-fallback', state: 'reverted' } as const;
    const undone = (at: string) =>
      nextAuditEntry(null, {
        incidentId: 'I',
        leaseId: lease.id,
        at,
        step: 'undo-outcome',
        actor: LEAD,
        text: 'done: x',
      });
    const milestones = { mitigated: '2026-11-20T03:10:00.000Z', resolved: '2026-11-20T03:20:00.000Z' };
    const over = { status: 'resolved', milestones } as const;
    const later = write(over, { leases: [lease], audit: [undone('2026-11-20T03:21:00.000Z')] });
    expect(later).toContain('Mitigated by Enable fallback');
    expect(later).not.toContain('it is still active');
    expect(write(over, { leases: [lease], audit: [undone('2026-11-20T03:19:00.000Z')] })).toContain(
      'Tried: Enable fallback (undone)',
    );
  });

  it.each([
    ['awaiting-approval', null, 'nobody'],
    ['expired', null, 'nobody'],
    ['expired', writtenAt, 'not needed'],
    ['failed', null, 'not needed'],
  ] as const)('names the approver of what is %s (end %s): %s', (state, expiresAt, expected) => {
    const row = write({}, { leases: [{ ...ROTATION_LEASE, state, expiresAt }] }).split('\n');
    expect(row.find((line) => line.startsWith('| Rotate key'))).toContain(`| ${expected} |`);
  });

  it('shows the whole course of the severity, also where a person lowered it', () => {
    const by = {
      ...entry('s-2', writtenAt, `<@${LEAD}> set the severity to P3 (it was P1).`),
      kind: 'severity-changed',
    } as const;
    const raised = { ...by, id: 's-1', actor: 'mistral-triage', text: 'Severity raised from P2 to P1: from P3 to P4' };
    const people = new Map([[LEAD, 'Sam | https://evil.example']]);
    expect(write({}, { timeline: [raised, by], people })).toContain(
      'P2, raised to P1 at 2026-11-20 03:50:00 UTC [timeline s-1], lowered to P3 at 2026-11-20 03:50:00 UTC by Sam \\| `https://evil.example` [timeline s-2]',
    );
  });

  it('counts an alert that ended after the resolution as firing at it', () => {
    const resolved = { ...incident.milestones, resolved: '2026-11-20T03:20:00.000Z' };
    const ended = {
      ...entry('r', '2026-11-20T03:21:00.000Z', '3 alerts resolved: a, b, c'),
      kind: 'alert-resolved',
    } as const;
    const totals = { ...incident.totals, firing: 0, resolved: 4 };
    const text = write({ status: 'resolved', milestones: resolved, totals }, { timeline: [ended] });
    expect(text).toContain('while 3 alerts still fired');
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
        // What is shown as code leads nowhere; nothing else may lead anywhere, and no code may be left open.
        const outside = text
          .replace(/\\./g, '')
          .replace(/`[^`\n]*`/g, '')
          .replaceAll('<br>', '');
        expect(outside).not.toMatch(/`|<|:\/\/|www\.|@|\u202e/);
        expect(text.split('\n').filter((line) => line.startsWith('#'))).toHaveLength(9);
      }),
    );
  });

  it.each([
    ['a|b', 'a\\|b'],
    ['<b>x</b>', '&lt;b&gt;x&lt;/b&gt;'],
    ['[x](https://evil.example)', '\\[x\\](`https://evil.example`)'],
    ['see file:///tmp/INC-1.md.', 'see `file:///tmp/INC-1.md`.'],
    ['type `/mistral-triage fallback off` now', 'type `/mistral-triage fallback off` now'],
    ['`https://a.example|b`', '\\``https://a.example`\\|b\\`'],
    ['a ` b', 'a \\` b'],
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
