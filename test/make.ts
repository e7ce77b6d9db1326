import { openIncident } from '../lib/correlate/apply-alerts.ts';
import type { Arrival } from '../lib/correlate/place-alerts.ts';
import type { Alert } from '../lib/domain/alert.ts';
import type { Branch } from '../lib/domain/branch.ts';
import type { Diagnosis, Verdict } from '../lib/domain/diagnosis.ts';
import type { Incident } from '../lib/domain/incident.ts';
import type { Moment } from '../lib/domain/incident-change.ts';

const NOON_MS = Date.parse('2026-11-20T12:00:00.000Z');

/** ISO time so many seconds after noon of the test day. */
export const at = (seconds: number): string => new Date(NOON_MS + seconds * 1_000).toISOString();
export const atMs = (seconds: number): number => NOON_MS + seconds * 1_000;

export const makeAlert = (change: Partial<Alert> = {}): Alert => ({
  key: 'key-1',
  group: 'group-1',
  source: 'alertmanager',
  integration: 'default',
  state: 'firing',
  severity: 'P2',
  title: 'High latency',
  summary: '',
  service: 'mistral-api',
  environment: null,
  model: null,
  startedAt: at(0),
  endedAt: null,
  labels: {},
  link: null,
  ...change,
});

export const makeArrival = (jobId: string, seconds: number, change: Partial<Alert> = {}): Arrival => ({
  jobId,
  acceptedAt: at(seconds),
  alert: makeAlert(change),
});

/** Ids count up, so that they sort as they were made. */
export const makeMoment = (seconds: number, prefix = 'id'): Moment => {
  let count = 0;
  return {
    nowMs: atMs(seconds),
    at: at(seconds),
    newId: () => `${prefix}-${String(seconds).padStart(6, '0')}-${String(++count).padStart(4, '0')}`,
  };
};

export const makeIncident = (change: Partial<Incident> = {}): Incident => ({
  ...openIncident(
    makeArrival('job-0', 0),
    {
      id: 'INC-261120-ABCDEFGH',
      service: 'mistral-api',
      environment: 'production',
      channel: 'incidents',
      drill: false,
    },
    makeMoment(0),
  ),
  revision: 1,
  ...change,
});

export const makeDiagnosis = (verdict: Verdict, branch: Branch, change: Partial<Diagnosis> = {}): Diagnosis => ({
  verdict,
  branch,
  owner: 'ours',
  severity: null,
  confidence: 'high',
  cause: `It is ${branch}.`,
  path: [],
  probes: [],
  mitigations: [],
  notOffered: [],
  nextSteps: [],
  at: at(0),
  ...change,
});
