import { describe, expect, it } from 'vitest';
import type { Incident } from '../../lib/domain/incident.ts';
import { SAMPLE_DIAGNOSIS, SAMPLE_INCIDENT } from '../../lib/local/preview-samples.ts';
import { renderStatus } from '../../templates/status.ts';
import { describeImpact } from '../../templates/words.ts';

const withImpact = (failingShare: number | null, change: Partial<Incident> = {}): Incident => ({
  ...SAMPLE_INCIDENT,
  severity: 'P1',
  diagnosis: { ...SAMPLE_DIAGNOSIS, impact: { failingShare, requestsPerMinute: 60, models: [] } },
  ...change,
});

const RATED = /^Complete outage: checkout-assistant \(production\)\. As rated by the alert; users were not counted\.$/;

describe('the impact of an incident', () => {
  it.each<readonly [string, Incident, RegExp]>([
    [
      'is the measured share, not how the alert was rated',
      withImpact(0.4),
      /^checkout-assistant \(production\): 40 % of about 60 calls a minute fail \(measured at 03:12 UTC\)\.$/,
    ],
    ['is none where none fails', withImpact(0), /: none of about 60 calls a minute fails \(measured/],
    ['is as rated where no share was measured', withImpact(null), RATED],
    ['is as rated where the cause is doubted', withImpact(0.4, { doubtedAt: '2026-11-20T23:00:00.000Z' }), RATED],
    ['is as rated before anything is known', withImpact(0.4, { diagnosis: null }), RATED],
    [
      'was what was measured, once Mistral answers well',
      withImpact(0.4, { wellSince: '2026-11-20T03:20:00.000Z' }),
      /still fires; was: checkout-assistant \(production\): 40 %/,
    ],
  ])('%s', (_what, incident, expected) => {
    expect(describeImpact(incident).mrkdwn.replaceAll('\u00A0', ' ')).toMatch(expected);
  });
});

describe('the list of open incidents', () => {
  it.each<readonly [string, Partial<Incident>, string]>([
    ['when it was opened', {}, 'Investigating, open since 20 Nov 03:12 UTC ·'],
    [
      'since when Mistral answers well',
      { status: 'monitoring', wellSince: '2026-11-20T03:20:00.000Z' },
      'Monitoring, Mistral answers well since 03:20 UTC, open since 20 Nov 03:12 UTC ·',
    ],
  ])('says %s', (_what, change, expected) => {
    expect(JSON.stringify(renderStatus([{ ...SAMPLE_INCIDENT, ...change }]))).toContain(expected);
  });
});
