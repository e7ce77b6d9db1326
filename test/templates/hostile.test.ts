import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Incident } from '../../lib/domain/incident.ts';
import type { ChatMessage } from '../../lib/domain/message.ts';
import {
  FALLBACK,
  LEAD,
  LIMIT_DIAGNOSIS,
  ON_CALL,
  ROTATION,
  ROTATION_LEASE,
  SAMPLE_DIAGNOSIS,
  SAMPLE_INCIDENT,
  SAMPLE_NOTE,
} from '../../lib/local/preview-samples.ts';
import { validateBlocks } from '../../lib/local/slack/validate-blocks.ts';
import { renderApproval } from '../../templates/approval.ts';
import { renderDiagnosis } from '../../templates/diagnosis.ts';
import { renderIncident } from '../../templates/incident.ts';
import { LIMITS } from '../../templates/limits.ts';
import { renderQuarantine } from '../../templates/quarantine.ts';
import { renderResolution } from '../../templates/resolution.ts';
import { renderStatus } from '../../templates/status.ts';
import { renderTriageProgress } from '../../templates/triage-progress.ts';
import { renderUpdate } from '../../templates/update.ts';
import { renderVerdict } from '../../templates/verdict.ts';
import { renderWhisper, whisperNotAllowed, whisperResolveAnyway } from '../../templates/whisper.ts';

const PARTS = [
  '<!channel>',
  '<!here|here>',
  '<@U0EVIL>',
  '<#C0EVIL|general>',
  '<!subteam^S0EVIL>',
  '<https://evil.example|https://good.example>',
  '<mailto:a@b.c|x>',
  'https://evil.example',
  '@here',
  '@channel',
  '*',
  '_',
  '~',
  '`',
  '```',
  '> ',
  '\n',
  '\r\n',
  '\u0000',
  '\u202e',
  '\u200b',
  '\u2028',
  '&',
  '&lt;!channel&gt;',
  '<',
  '>',
  '|',
  ':',
  ': ',
  ':skull:',
  '\ud83d',
  '\ude31',
  '😱',
  'ﷺ',
  'a\u0301\u0301\u0301\u0301',
  '<!date^0^{date}|x>',
  '<script>',
  'MistralDown',
  ' ',
  'x'.repeat(700),
];

const hostileText = fc.oneof(
  fc.array(fc.constantFrom(...PARTS), { maxLength: 14 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 300 }),
);

const textsOf = (value: unknown): readonly { readonly text: string; readonly isMarked: boolean }[] => {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => textsOf(item));
  if (typeof value !== 'object' || value === null) return [];
  const own =
    'text' in value && typeof value.text === 'string' && 'type' in value
      ? [{ text: value.text, isMarked: value.type === 'mrkdwn' }]
      : [];
  return [...own, ...Object.values(value).flatMap((member: unknown) => textsOf(member))];
};

const OURS = new Set([`<@${ON_CALL}>`, `<@${LEAD}>`]);

const expectHarmless = (message: ChatMessage): void => {
  expect(validateBlocks(message.blocks, 'message')).toEqual([]);
  expect(message.text.length).toBeLessThanOrEqual(LIMITS.recommendedText);
  const texts = [{ text: message.text, isMarked: true }, ...textsOf(message.blocks)];
  for (const { text, isMarked } of texts) {
    if (isMarked) expect([...text.matchAll(/<[^>]*>?/g)].map(String).filter((tag) => !OURS.has(tag))).toEqual([]);
    expect(text).not.toMatch(/@(?:here|channel|everyone)\b/i);
    expect(text).not.toMatch(/(?<!\bfile):\/\/|(?!\n)[\p{Cc}\p{Cf}]/u);
  }
};

const hostileIncident = (texts: readonly string[]): Incident => {
  const at = (index: number): string => texts[index % texts.length] ?? '';
  const [alert] = SAMPLE_INCIDENT.alerts;
  const alerts = Array.from({ length: 50 }, (_, index) => ({ key: String(index), title: at(index) }));
  return {
    ...SAMPLE_INCIDENT,
    title: at(0),
    service: at(1),
    environment: at(2),
    acknowledgedBy: at(3),
    commander: ON_CALL,
    alerts: alert === undefined ? [] : alerts.map((one) => ({ ...alert, ...one })),
    totals: { firing: 90, resolved: 3, nodata: 0, received: 400 },
    diagnosis: {
      ...LIMIT_DIAGNOSIS,
      cause: at(4),
      path: [{ question: at(5), answer: at(6) }],
      probes: LIMIT_DIAGNOSIS.probes.map((probe) => ({
        ...probe,
        name: at(7),
        why: at(8),
        evidence: { correlationId: at(9), requestId: at(0) },
      })),
      mitigations: [
        ...SAMPLE_DIAGNOSIS.mitigations,
        { kind: 'switch-model', why: at(1) },
        { kind: 'rollback', why: at(2) },
      ],
      notOffered: [{ kind: 'raise-timeout', why: at(3) }],
      nextSteps: [at(4), at(5)],
    },
    mitigations: [
      { ...FALLBACK, outcome: `Fallback: ${at(6)}` },
      { ...ROTATION, state: 'failed', outcome: `Rotation: ${at(7)}` },
    ],
  };
};

const allMessages = (texts: readonly string[]): readonly ChatMessage[] => {
  const incident = hostileIncident(texts);
  const diagnosis = incident.diagnosis ?? SAMPLE_DIAGNOSIS;
  const note = { ...SAMPLE_NOTE, text: `Alert firing: ${texts[0] ?? ''}` };
  const lease = { ...ROTATION_LEASE, service: incident.service, plan: { [texts[1] ?? '']: texts[2] ?? '' } };
  const [first = ''] = texts;
  return [
    renderIncident(incident),
    renderIncident({ ...incident, status: 'monitoring' }),
    renderIncident({ ...incident, status: 'resolved' }),
    renderIncident({ ...incident, diagnosis: null, mitigations: [], acknowledgedBy: null, commander: null }),
    renderDiagnosis(incident, diagnosis),
    renderVerdict(diagnosis, first, first),
    renderTriageProgress({ answered: diagnosis.probes, deadlineMs: 15_000, service: first, askedBy: first }),
    renderUpdate(incident, note),
    renderApproval(incident, { ...lease, state: 'awaiting-approval', outcome: `Plan: ${first}` }),
    renderApproval(incident, { ...lease, approvedBy: LEAD, outcome: `Done: ${first}` }),
    renderResolution(incident, note),
    renderStatus(Array.from({ length: 60 }, () => incident)),
    renderQuarantine({
      id: first,
      source: first,
      integration: first,
      acceptedAt: first,
      contentType: first,
      bytes: 1,
      why: first,
    }),
    renderWhisper(`3 alerts fire (${first}).`),
    whisperNotAllowed(first, 'You may not.', [first]),
    whisperResolveAnyway(incident),
  ];
};

describe('text from outside', () => {
  it('makes no mention, no link and no refused message, wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(hostileText, { minLength: 1, maxLength: 10 }), (texts) => {
        for (const message of allMessages(texts)) expectHarmless(message);
      }),
      { numRuns: 150 },
    );
  });

  it.each([['x'], ['&'], ['😱'], ['<@U0EVIL> ']])('fits with titles of 5,000 times %j and 50 alerts', (character) => {
    for (const message of allMessages([character.repeat(5_000)])) expectHarmless(message);
  });

  it('leaves our own words whole: every part is still named under the longest titles', () => {
    const text = textsOf(renderIncident(hostileIncident(['&<>'.repeat(2_000)])).blocks)
      .map((one) => one.text)
      .join('\n');
    for (const part of [
      '*Status*',
      '*Impact*',
      '*Action*',
      '*Next update*',
      '*Commander*',
      '*Rotate key* did not work',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('finds a mention, were there one', () => {
    const message = renderUpdate(SAMPLE_INCIDENT, { ...SAMPLE_NOTE, text: '<@U0EVIL> is the commander.' });
    expect(() => {
      expectHarmless(message);
    }).toThrow();
  });
});
