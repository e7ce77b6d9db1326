import type { Diagnosis } from '../domain/diagnosis.ts';
import type { Incident, MitigationSummary, Note } from '../domain/incident.ts';
import type { Lease } from '../domain/lease.ts';

/** Made-up people, services and ids, for the preview and for golden files. */
export const ON_CALL = 'U0MAYA';
export const LEAD = 'U0SAM';

export const SAMPLE_DIAGNOSIS: Diagnosis = {
  verdict: 'problem',
  branch: 'auth.invalid_key',
  owner: 'ours',
  severity: 'P1',
  confidence: 'high',
  cause: 'Mistral does not accept our key: it is revoked, expired, mistyped or for another host.',
  path: [{ question: 'Does the Mistral API answer our key?', answer: 'no: 401' }],
  probes: [
    {
      name: 'models',
      question: 'Does the Mistral API answer our key?',
      outcome: 'failed',
      branch: 'auth.invalid_key',
      latencyMs: 84,
      why: 'Mistral does not accept our key: it is revoked, expired, mistyped or for another host (401)',
      evidence: {
        status: 401,
        correlationId: '0199f3a2-77aa-7c11-9d6e-3f0c9a4be211',
        serverDate: '2026-11-20T03:12:19.000Z',
      },
    },
    {
      name: 'chat:mistral-small-latest',
      question: 'Does mistral-small-latest answer a chat of one token?',
      outcome: 'failed',
      branch: 'auth.invalid_key',
      latencyMs: 91,
      why: 'Mistral does not accept our key: it is revoked, expired, mistyped or for another host (401)',
      evidence: { status: 401, correlationId: '0199f3a2-77aa-7c11-9d6e-3f0c9a4be212', requestId: 'req-7d1c' },
    },
    {
      name: 'health',
      question: 'Is checkout-assistant itself well?',
      outcome: 'ok',
      latencyMs: 12,
      evidence: { status: 200 },
    },
  ],
  mitigations: [
    { kind: 'rotate-key', why: 'Mistral refuses the current key; the standby is tried before it takes over.' },
    {
      kind: 'enable-fallback',
      why: 'Users are served another way until the key is in order, if that way does not use the same key.',
    },
  ],
  notOffered: [],
  nextSteps: ['Find out whether and why it was revoked before the old one is used again.'],
  at: '2026-11-20T03:12:19.000Z',
};

export const LIMIT_DIAGNOSIS: Diagnosis = {
  ...SAMPLE_DIAGNOSIS,
  branch: 'rate.minute',
  severity: 'P2',
  cause: 'Our limit of requests or tokens per minute is used up (mistral-small-latest).',
  path: [
    { question: 'Does the Mistral API answer our key?', answer: 'yes, in 80 ms' },
    { question: 'Does mistral-small-latest answer a chat of one token?', answer: 'no: 429, code 1300' },
  ],
  probes: [
    {
      name: 'models',
      question: 'Does the Mistral API answer our key?',
      outcome: 'ok',
      latencyMs: 80,
      evidence: { status: 200 },
    },
    {
      name: 'chat:mistral-small-latest',
      question: 'Does mistral-small-latest answer a chat of one token?',
      outcome: 'failed',
      branch: 'rate.minute',
      latencyMs: 41,
      why: 'our limit of requests or tokens per minute is used up (429, code 1300)',
      evidence: {
        status: 429,
        rateLimits: { 'x-ratelimit-limit-req-minute': '60', 'x-ratelimit-remaining-req-minute': '0' },
      },
    },
  ],
  mitigations: [{ kind: 'enable-fallback', why: 'Another model has a limit and a capacity of its own.' }],
  notOffered: [
    { kind: 'rotate-key', why: 'The limit is not that of the key: a new key shares it.' },
    { kind: 'raise-timeout', why: 'The refusal comes at once.' },
  ],
  nextSteps: ['Wait for the next full minute and send fewer requests at once.', 'Find out which caller grew.'],
};

export const HEALTHY_DIAGNOSIS: Diagnosis = {
  ...SAMPLE_DIAGNOSIS,
  verdict: 'healthy',
  branch: 'healthy',
  owner: 'none',
  severity: null,
  cause: 'Mistral accepts our key, the model answers and our own service is well.',
  path: [
    { question: 'Does the Mistral API answer our key?', answer: 'yes, in 80 ms' },
    { question: 'Does mistral-small-latest answer a chat of one token?', answer: 'yes, in 312 ms' },
    { question: 'Is checkout-assistant itself well?', answer: 'yes, in 12 ms' },
  ],
  probes: [
    {
      name: 'models',
      question: 'Does the Mistral API answer our key?',
      outcome: 'ok',
      latencyMs: 80,
      evidence: { status: 200 },
    },
    {
      name: 'chat:mistral-small-latest',
      question: 'Does mistral-small-latest answer a chat of one token?',
      outcome: 'ok',
      latencyMs: 312,
      evidence: { status: 200 },
    },
    {
      name: 'health',
      question: 'Is checkout-assistant itself well?',
      outcome: 'ok',
      latencyMs: 12,
      evidence: { status: 200 },
    },
  ],
  mitigations: [],
  nextSteps: [],
};

export const UNKNOWN_DIAGNOSIS: Diagnosis = {
  ...SAMPLE_DIAGNOSIS,
  verdict: 'unknown',
  branch: 'unknown',
  owner: 'unknown',
  severity: 'P3',
  confidence: 'low',
  cause: 'Nothing that was answered is wrong, but too little was answered; not known: mistral-small-latest.',
  path: [
    {
      question: 'Does mistral-small-latest answer a chat of one token?',
      answer: 'unknown: no answer by the deadline of 10 s',
    },
  ],
  probes: [
    {
      name: 'chat:mistral-small-latest',
      question: 'Does mistral-small-latest answer a chat of one token?',
      outcome: 'unknown',
      latencyMs: 10_000,
      why: 'no answer by the deadline of 10 s',
    },
  ],
  mitigations: [],
  nextSteps: ['Look which questions had no answer and why, fix that, then run triage again.'],
};

export const SAMPLE_INCIDENT: Incident = {
  id: 'INC-261120-K3F9Q2MT',
  group: 'a'.repeat(64),
  integration: 'default',
  title: 'MistralAuthenticationFailure',
  summary: 'checkout-assistant gets 401 from Mistral for every call since 03:11.',
  service: 'checkout-assistant',
  environment: 'production',
  channel: 'C0INCIDENTS',
  drill: false,
  status: 'investigating',
  severity: 'P1',
  severitySetBy: 'alert',
  createdAt: '2026-11-20T03:12:07.000Z',
  updatedAt: '2026-11-20T03:12:19.000Z',
  alerts: [
    {
      key: 'b'.repeat(64),
      source: 'alertmanager',
      title: 'MistralAuthenticationFailure',
      state: 'firing',
      severity: 'P1',
      count: 3,
      firstSeen: '2026-11-20T03:12:07.000Z',
      lastSeen: '2026-11-20T03:14:07.000Z',
    },
  ],
  totals: { firing: 1, resolved: 0, nodata: 0, received: 3 },
  acknowledgedBy: null,
  commander: null,
  milestones: { started: '2026-11-20T03:11:40.000Z', detected: '2026-11-20T03:12:07.000Z' },
  diagnosis: null,
  goodChecks: 0,
  mitigations: [],
  quietSince: null,
  applied: [],
  revision: 1,
  outbox: { notes: [], unfiled: [], notBeforeMs: null },
  timers: [],
};

export const ROTATION: MitigationSummary = {
  id: 'LSE-4B1D9C77A0E2',
  kind: 'rotate-key',
  state: 'active',
  requestedBy: ON_CALL,
  approvedBy: null,
  expiresAt: null,
  outcome: 'The new key works. No standby key is left.',
};

export const FALLBACK: MitigationSummary = {
  id: 'LSE-90AA17CE5512',
  kind: 'enable-fallback',
  state: 'active',
  requestedBy: ON_CALL,
  approvedBy: LEAD,
  expiresAt: '2026-11-20T04:15:00.000Z',
  outcome: 'The fallback of checkout-assistant is on until 2026-11-20 04:15 UTC.',
};

export const ROTATION_LEASE: Lease = {
  id: ROTATION.id,
  incidentId: SAMPLE_INCIDENT.id,
  kind: 'rotate-key',
  service: SAMPLE_INCIDENT.service,
  environment: SAMPLE_INCIDENT.environment,
  state: 'active',
  requestedBy: ON_CALL,
  requestedAt: '2026-11-20T03:14:02.000Z',
  approvedBy: null,
  expiresAt: null,
  undoneBy: null,
  plan: { secretId: 'mistral/checkout-assistant', from: 'v-current', to: 'v-standby' },
  outcome: ROTATION.outcome,
};

export const SAMPLE_NOTE: Note = {
  id: 'note-1',
  kind: 'update',
  at: '2026-11-20T03:20:00.000Z',
  text: `<@${ON_CALL}> is the commander.`,
  refId: null,
};
