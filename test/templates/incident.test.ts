import { describe, expect, it } from 'vitest';
import type { Incident, MitigationSummary } from '../../lib/domain/incident.ts';
import { isOpenLease, LEASE_STATES } from '../../lib/domain/lease.ts';
import type { ChatMessage } from '../../lib/domain/message.ts';
import { SEVERITIES } from '../../lib/domain/severity.ts';
import {
  FALLBACK,
  LIMIT_DIAGNOSIS,
  ON_CALL,
  ROTATION,
  SAMPLE_DIAGNOSIS,
  SAMPLE_INCIDENT,
} from '../../lib/local/preview-samples.ts';
import { renderIncident } from '../../templates/incident.ts';
import { renderStatus } from '../../templates/status.ts';

type Pressable = { readonly text: string; readonly action: string; readonly value: string; readonly confirm: string };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const textOf = (value: unknown): string => (isRecord(value) ? String(value['text']) : '');

const buttonsOf = (message: ChatMessage): readonly Pressable[] =>
  message.blocks
    .filter((block) => block['type'] === 'actions')
    .flatMap((block): readonly unknown[] => (Array.isArray(block['elements']) ? block['elements'] : []))
    .filter(isRecord)
    .map((button) => ({
      text: textOf(button['text']),
      action: String(button['action_id']),
      value: String(button['value']),
      confirm: isRecord(button['confirm']) ? textOf(button['confirm']['text']) : '',
    }));

const namesOf = (incident: Incident): readonly string[] => buttonsOf(renderIncident(incident)).map(({ text }) => text);
const allText = (message: ChatMessage): string => JSON.stringify(message);

const diagnosed: Incident = { ...SAMPLE_INCIDENT, diagnosis: SAMPLE_DIAGNOSIS };
const QUIET = { firing: 0, resolved: 1, nodata: 0, received: 2 };
const resolved: Incident = {
  ...diagnosed,
  status: 'resolved',
  totals: { ...diagnosed.totals, firing: 0, resolved: 1 },
};

describe('the buttons of an incident', () => {
  it.each<readonly [string, Partial<Incident>, readonly string[]]>([
    ['new', {}, ['Acknowledge', 'Assign me', 'Run triage', 'Resolve', 'Collect evidence']],
    [
      'diagnosed',
      { diagnosis: SAMPLE_DIAGNOSIS },
      ['Acknowledge', 'Rotate key', 'Enable fallback', 'Assign me', 'Run triage', 'Resolve', 'Collect evidence'],
    ],
    [
      'acknowledged',
      { acknowledgedBy: ON_CALL },
      ['Assign me', 'Run triage', 'Un-acknowledge', 'Resolve', 'Collect evidence'],
    ],
    ['with a commander', { commander: ON_CALL }, ['Acknowledge', 'Run triage', 'Resolve', 'Collect evidence']],
    [
      'where a new key is useless',
      { diagnosis: LIMIT_DIAGNOSIS },
      ['Acknowledge', 'Enable fallback', 'Assign me', 'Run triage', 'Resolve', 'Collect evidence'],
    ],
    [
      'monitoring',
      { status: 'monitoring', diagnosis: SAMPLE_DIAGNOSIS, acknowledgedBy: ON_CALL, commander: ON_CALL },
      ['Run triage', 'Un-acknowledge', 'Resolve', 'Collect evidence', 'Draft postmortem'],
    ],
    [
      'resolved',
      { status: 'resolved', diagnosis: SAMPLE_DIAGNOSIS },
      ['Reopen', 'Collect evidence', 'Draft postmortem'],
    ],
  ])('%s', (_name, patch, expected) => {
    expect(namesOf({ ...SAMPLE_INCIDENT, ...patch })).toEqual(expected);
  });

  it('carry the ids of the outer interface and the id of the incident', () => {
    const all = [
      ...buttonsOf(renderIncident(diagnosed)),
      ...buttonsOf(renderIncident({ ...diagnosed, acknowledgedBy: ON_CALL, status: 'monitoring' })),
      ...buttonsOf(renderIncident(resolved)),
    ];
    expect(Object.fromEntries(all.map(({ text, action }) => [text, action]))).toEqual({
      Acknowledge: 'incident.acknowledge',
      'Un-acknowledge': 'incident.unacknowledge',
      'Assign me': 'incident.assign',
      Resolve: 'incident.resolve',
      Reopen: 'incident.reopen',
      'Run triage': 'incident.triage',
      'Rotate key': 'mitigation.rotate-key',
      'Enable fallback': 'mitigation.enable-fallback',
      'Collect evidence': 'evidence.collect',
      'Draft postmortem': 'postmortem.draft',
    });
    expect(new Set(all.map(({ value }) => value))).toEqual(new Set([SAMPLE_INCIDENT.id]));
  });

  it.each(LEASE_STATES)('offer a mitigation again exactly when its lease is over: %s', (state) => {
    const names = namesOf({ ...diagnosed, mitigations: [{ ...ROTATION, state }] });
    expect(names.includes('Rotate key')).toBe(!isOpenLease(state));
    expect(names.includes('Undo')).toBe(state === 'active' || state === 'unknown');
    expect(names).toContain('Enable fallback');
  });

  it('put what has just failed behind the other way', () => {
    const names = namesOf({ ...diagnosed, mitigations: [{ ...ROTATION, state: 'failed' }] });
    expect(names.slice(0, 3)).toEqual(['Acknowledge', 'Enable fallback', 'Rotate key']);
  });

  it('have no Undo for what is not yet or no longer in effect', () => {
    const mitigations: readonly MitigationSummary[] = [
      { ...FALLBACK, state: 'reverting' },
      { ...ROTATION, state: 'applying' },
    ];
    const message = renderIncident({ ...diagnosed, mitigations });
    expect(buttonsOf(message).filter(({ text }) => text === 'Undo')).toEqual([]);
    expect(allText(message)).toContain('*Enable fallback*: being undone.');
  });

  it.each<readonly [string, Incident]>([
    ['open', diagnosed],
    ['resolved', resolved],
  ])('have one Undo for each active mitigation, of its lease, while %s', (_name, incident) => {
    const undos = buttonsOf(renderIncident({ ...incident, mitigations: [FALLBACK, ROTATION] })).filter(
      ({ text }) => text === 'Undo',
    );
    expect(undos.map(({ action, value }) => [action, value])).toEqual([
      ['mitigation.undo', FALLBACK.id],
      ['mitigation.undo', ROTATION.id],
    ]);
    expect(undos[0]?.confirm).toContain('calls its usual models again at once');
    expect(undos[1]?.confirm).toContain('key from before the rotation');
  });

  it('ask before they change something, and say what exactly', () => {
    const confirms = Object.fromEntries(
      buttonsOf(renderIncident(diagnosed)).map(({ text, confirm }) => [text, confirm]),
    );
    expect(confirms['Rotate key']).toContain('The standby key is tested first.');
    expect(confirms['Enable fallback']).toContain('MISTRAL_FALLBACK=true for checkout-assistant');
    expect(confirms['Acknowledge']).toBe('');
  });

  it('ask before resolving only while alerts fire, and name them', () => {
    const [alert] = SAMPLE_INCIDENT.alerts;
    const two = alert === undefined ? [] : [alert, { ...alert, key: 'k', title: 'High latency' }];
    const confirmOf = (incident: Incident): string =>
      buttonsOf(renderIncident(incident)).find(({ text }) => text === 'Resolve')?.confirm ?? '';
    expect(confirmOf({ ...diagnosed, alerts: two, totals: { ...diagnosed.totals, firing: 2 } })).toContain(
      '2 alerts still fire: MistralAuthenticationFailure, High latency.',
    );
    expect(confirmOf({ ...diagnosed, alerts: two, totals: { ...diagnosed.totals, firing: 60 } })).toContain(
      'High latency, 58 more',
    );
    expect(confirmOf({ ...diagnosed, totals: { ...diagnosed.totals, firing: 0 } })).toBe('');
  });
});

describe('the root message', () => {
  it('does not change by what is not told: repeats, checks, jobs, timers', () => {
    const repeated: Incident = {
      ...diagnosed,
      alerts: diagnosed.alerts.map((alert) => ({ ...alert, count: 50, lastSeen: '2026-11-20T09:00:00.000Z' })),
      totals: { ...diagnosed.totals, received: 50 },
      goodChecks: 2,
      applied: ['job'],
      timers: [{ kind: 'recheck', dueMs: 1, refId: null }],
    };
    expect(renderIncident(repeated)).toEqual(renderIncident(diagnosed));
  });

  it.each([
    ['P1', '🔴 P1', 'By 03:27 UTC'],
    ['P2', '🟠 P2', 'By 03:42 UTC'],
    ['P3', '🟡 P3', 'By 05:12 UTC'],
    ['P4', '🔵 P4', 'By 21 Nov 03:12 UTC'],
  ] as const)('of %s begins with %s and tells again %s', (severity, sign, next) => {
    const message = renderIncident({ ...diagnosed, severity });
    expect(textOf(message.blocks[0]?.['text'])).toMatch(new RegExp(`^${sign} · MistralAuthenticationFailure$`, 'u'));
    expect(message.text.startsWith(sign)).toBe(true);
    expect(allText(message)).toContain(`*Next update*\\n${next}`);
  });

  it('has an answer to every severity', () => {
    expect(SEVERITIES.map((severity) => renderIncident({ ...diagnosed, severity }).text.slice(0, 5))).toHaveLength(4);
  });

  it.each(SEVERITIES)(
    'of %s has a calm sign once it is resolved and well, and still says how severe it was',
    (severity) => {
      const headerOf = (incident: Incident) => textOf(renderIncident(incident).blocks[0]?.['text']);
      const over = { ...resolved, severity };
      expect(headerOf({ ...over, goodChecks: 3 })).toBe(`✅ ${severity} · Resolved · MistralAuthenticationFailure`);
      expect(headerOf(over)).toBe(`⚠️ ${severity} · Resolved · MistralAuthenticationFailure`);
    },
  );

  it('says how long it lasted without a line break before the unit', () => {
    const milestones = { started: '2026-11-20T03:12:00.000Z', resolved: '2026-11-20T03:12:07.000Z' };
    expect(allText(renderIncident({ ...resolved, milestones }))).toContain('after 7\u00A0s');
  });

  it('promises nothing after the end and nothing from an impossible time', () => {
    expect(allText(renderIncident(resolved))).toContain('*Next update*\\nNone');
    expect(allText(renderIncident({ ...diagnosed, updatedAt: 'soon' }))).toContain('*Next update*\\nunknown');
    expect(allText(renderIncident({ ...diagnosed, updatedAt: '+275760-09-13T00:00:00.000Z' }))).toContain(
      '*Next update*\\nunknown',
    );
  });

  it.each<readonly [string, Partial<Incident>, string]>([
    ['nothing is known', { diagnosis: null }, 'press *Run triage*'],
    ['a key would help', {}, 'Press *Rotate key*. Mistral refuses the current key'],
    [
      'a fallback is on and a key would mend it',
      { status: 'mitigating', mitigations: [FALLBACK] },
      '*Enable fallback* is active. Press *Rotate key*.',
    ],
    [
      'the key was rotated a moment ago',
      { status: 'mitigating', mitigations: [ROTATION] },
      'If this still stands here in 5 minutes: press *Enable fallback*.',
    ],
    [
      'the same press has just failed',
      { mitigations: [{ ...ROTATION, state: 'failed', outcome: 'the standby key was refused.' }] },
      '*Rotate key* did not work. The standby key was refused. Press *Enable fallback*.',
    ],
    [
      'a press runs',
      { mitigations: [{ ...ROTATION, state: 'applying' }] },
      '*Rotate key* is running. Asked for by <@U0MAYA>.',
    ],
    [
      'somebody must approve',
      { mitigations: [{ ...ROTATION, state: 'awaiting-approval' }] },
      'Press Approve or Reject in the thread.',
    ],
    ['an undo runs', { mitigations: [{ ...ROTATION, state: 'reverting' }] }, '*Rotate key* is being undone.'],
    [
      'only work by hand helps',
      { diagnosis: { ...LIMIT_DIAGNOSIS, mitigations: [{ kind: 'reduce-concurrency', why: 'fewer at once pass' }] } },
      'Set `MAX_CONCURRENT_MISTRAL` of checkout-assistant to half of what it is now. Fewer at once pass.',
    ],
    [
      'nothing is offered',
      { diagnosis: { ...LIMIT_DIAGNOSIS, mitigations: [] } },
      'Wait for the next full minute and send fewer requests at once.',
    ],
    ['it recovers while an alert fires', { status: 'monitoring' }, 'Waiting for 1 alert to stop firing.'],
    [
      'it recovered and is quiet',
      { status: 'monitoring', totals: { firing: 0, resolved: 1, nodata: 0, received: 2 } },
      'It resolves by itself if it stays quiet.',
    ],
    [
      'it recovered on a fallback',
      { status: 'monitoring', mitigations: [FALLBACK] },
      'Press *Undo* under Enable fallback',
    ],
    ['it is over', { status: 'resolved', goodChecks: 3, totals: QUIET }, 'None. Nothing is left to do.'],
    [
      'it is over and the standby key is used up',
      { status: 'resolved', goodChecks: 3, totals: QUIET, mitigations: [ROTATION] },
      '*Action*: The rotation used up the standby key: store a new one',
    ],
    [
      'a person resolved it while alerts fire and the key is refused',
      { status: 'resolved', totals: { ...QUIET, firing: 2 } },
      '2 alerts still fire: MistralAuthenticationFailure, 1 more. The cause, told at 03:12 UTC, was not gone at the last check. Press *Reopen*',
    ],
    [
      'a person resolved it while alerts fire, but Mistral answers well',
      { status: 'resolved', goodChecks: 1 },
      '*Action*: 1 alert still fires: MistralAuthenticationFailure. Press *Reopen*',
    ],
    [
      'a person resolved it and only the cause is left',
      { status: 'resolved', totals: QUIET },
      '*Action*: The cause, told at 03:12 UTC, was not gone at the last check.',
    ],
  ])('says what to do when %s', (_name, patch, action) => {
    expect(allText(renderIncident({ ...diagnosed, ...patch }))).toContain(`*Action*\\n${action}`.slice(0, 10));
    expect(renderIncident({ ...diagnosed, ...patch }).text).toContain(action);
  });

  it('tells a mitigation with when it ends and who asked', () => {
    const text = allText(renderIncident({ ...diagnosed, mitigations: [FALLBACK] }));
    expect(text).toContain('*Enable fallback* is active. Ends by itself at 04:15 UTC.');
    expect(text).toContain('Asked for by <@U0MAYA>, approved by <@U0SAM>.');
  });

  it('says why something is not offered, while it is open', () => {
    const limited = { ...SAMPLE_INCIDENT, diagnosis: LIMIT_DIAGNOSIS };
    expect(allText(renderIncident(limited))).toContain('*Rotate key*: The limit is not that of the key');
    expect(allText(renderIncident({ ...limited, status: 'resolved' }))).not.toContain('Not offered');
  });

  it('shows the firing alerts first and says how many it leaves out', () => {
    const [alert] = SAMPLE_INCIDENT.alerts;
    const named = (title: string, state: 'firing' | 'resolved') =>
      alert === undefined ? [] : [{ ...alert, key: title, title, state }];
    const alerts = [
      ...named('old', 'resolved'),
      ...['a', 'b', 'c', 'd', 'e'].flatMap((title) => named(title, 'firing')),
    ];
    const text = allText(
      renderIncident({ ...diagnosed, alerts, totals: { firing: 70, resolved: 1, nodata: 0, received: 80 } }),
    );
    expect(text).toContain('70 alerts firing, 1 resolved: ▲ a · ▲ b · ▲ c · ▲ d · ▲ e and 66 more');
  });
});

describe('a link to the source of an alert', () => {
  const [alert] = SAMPLE_INCIDENT.alerts;
  const textWith = (link: string | null): string =>
    allText(renderIncident({ ...diagnosed, alerts: alert === undefined ? [] : [{ ...alert, link }] }));

  it('has words of ours', () => {
    expect(textWith('https://prometheus.example/graph?a=1&b=2')).toContain(
      '▲ MistralAuthenticationFailure <https://prometheus.example/graph?a=1&amp;b=2|open>',
    );
  });

  it.each([[null], ['javascript:alert(1)'], ['https://bob:word@x.example/'], ['x> <!channel>']])(
    'is left out when it is %s',
    (link) => {
      expect(textWith(link)).not.toMatch(/<(?!@)/);
    },
  );
});

describe('the list of open incidents', () => {
  it('has the most severe first, then the oldest, and no resolved one', () => {
    const at = (
      id: string,
      severity: Incident['severity'],
      createdAt: string,
      status: Incident['status'] = 'investigating',
    ): Incident => ({ ...diagnosed, id, severity, createdAt, status });
    const message = renderStatus([
      at('INC-C', 'P2', '2026-11-20T01'),
      at('INC-B', 'P1', '2026-11-20T03'),
      at('INC-A', 'P1', '2026-11-20T02'),
      at('INC-X', 'P1', '2026-11-20T01', 'resolved'),
    ]);
    expect([...allText(message).matchAll(/INC-\w/g)].map(String)).toEqual(['INC-A', 'INC-B', 'INC-C']);
  });

  it('says how many it leaves out', () => {
    const leases: readonly MitigationSummary[] = [];
    const many = Array.from({ length: 40 }, (_, index) => ({ ...diagnosed, id: `INC-${index}`, mitigations: leases }));
    expect(allText(renderStatus(many))).toContain('and 25 more');
  });
});

describe('the root message while it is not wrong any more, or not again for sure', () => {
  const wellSince = '2026-11-20T03:15:00.000Z';
  const over: Incident = { ...diagnosed, wellSince };

  it('tells the cause as over, without certainty and without a mitigation to press', () => {
    const text = allText(renderIncident(over));
    expect(text).toContain('*Cause (was)*');
    expect(text).not.toContain('We are sure');
    expect(text).toContain('Mistral answers well since 03:15 UTC, 1 alert still fires; was: Complete outage');
    expect(text).toContain('*Action*\\nNothing to press. Mistral answers well since 03:15 UTC');
    expect(allText(renderIncident({ ...over, totals: QUIET }))).toContain('Over since 03:15 UTC; was: Complete outage');
    expect(namesOf(over)).toEqual(['Acknowledge', 'Assign me', 'Run triage', 'Resolve', 'Collect evidence']);
  });

  it('tells a cause from before a reopening as the one of last time, and offers nothing against it', () => {
    const reopened: Incident = { ...diagnosed, doubtedAt: '2026-11-20T04:00:00.000Z' };
    expect(allText(renderIncident(reopened))).toContain('Not known yet (last time: Mistral does not accept our key');
    expect(namesOf(reopened)).toEqual(['Acknowledge', 'Assign me', 'Run triage', 'Resolve', 'Collect evidence']);
  });
});

describe('the action where the cause is ours to mend', () => {
  const nextSteps = ['In the Mistral console of the organisation: raise the limit or pay.'];
  const spent: Incident = {
    ...SAMPLE_INCIDENT,
    diagnosis: { ...LIMIT_DIAGNOSIS, branch: 'quota.period_exhausted', nextSteps },
  };

  it('names what mends it after what bridges it, and still while that is in place', () => {
    const mend = 'To fix it: In the Mistral console of the organisation: raise the limit or pay.';
    expect(renderIncident(spent).text).toMatch(/Press \*Enable fallback\*\. .* To fix it: In the Mistral console/);
    const bridged: Incident = { ...spent, status: 'mitigating', mitigations: [FALLBACK] };
    expect(renderIncident(bridged).text).toContain(`*Enable fallback* is active. ${mend}`);
  });

  it('says as advice what has no button here', () => {
    const text = allText(renderIncident(spent));
    expect(text).toContain('Waiting longer for an answer would not help: the refusal comes at once.');
    expect(text).not.toContain('Raise timeout');
  });
});
