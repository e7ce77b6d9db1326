import { renderDiagnosis } from '../../templates/diagnosis.ts';
import { renderIncident } from '../../templates/incident.ts';
import { renderTicketNote } from '../../templates/ticket.ts';
import { renderTriageProgress } from '../../templates/triage-progress.ts';
import { renderVerdict } from '../../templates/verdict.ts';
import { OWN_SOURCE } from '../domain/ahead.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import type { Incident } from '../domain/incident.ts';
import type { ChatMessage } from '../domain/message.ts';
import { HEALTHY_DIAGNOSIS, ON_CALL, SAMPLE_INCIDENT, SAMPLE_NOTE } from './preview-samples.ts';

const chat = (model: string): Pick<Diagnosis['probes'][number], 'name' | 'question'> => ({
  name: `chat:${model}`,
  question: `Does ${model} answer a chat of one token?`,
});

const CAPACITY = 'the model has no capacity left at Mistral (429, code 3505)';

/** One model of two has no capacity: theirs to mend, with everything that a diagnosis may know. */
export const PROVIDER_DIAGNOSIS: Diagnosis = {
  verdict: 'problem',
  branch: 'capacity.model',
  owner: 'theirs',
  severity: 'P2',
  confidence: 'medium',
  cause:
    'The model has no capacity left at Mistral (mistral-large-latest; mistral-small-latest answers); not known: our own service.',
  path: [
    { question: 'Does the Mistral API answer our key?', answer: 'yes, in 80 ms' },
    { question: 'Does mistral-large-latest answer a chat of one token?', answer: 'no: 429, code 3505' },
  ],
  probes: [
    { name: 'models', question: 'Does the Mistral API answer our key?', outcome: 'ok', latencyMs: 80 },
    {
      ...chat('mistral-large-latest'),
      outcome: 'failed',
      branch: 'capacity.model',
      latencyMs: 212,
      why: CAPACITY,
      evidence: {
        status: 429,
        correlationId: '0199f3a2-77aa-7c11-9d6e-3f0c9a4be213',
        requestId: 'req-91b0',
        serverDate: '2026-11-20T03:12:19.000Z',
      },
    },
    {
      ...chat('mistral-small-latest'),
      outcome: 'ok',
      latencyMs: 312,
      evidence: { status: 200, correlationId: '0199f3a2-77aa-7c11-9d6e-3f0c9a4be214' },
    },
    {
      name: 'region:eu',
      question: 'Does the endpoint in the EU answer our key?',
      outcome: 'ok',
      latencyMs: 95,
    },
    {
      name: 'status-page',
      question: "What does Mistral's status page say?",
      outcome: 'ok',
      latencyMs: 130,
      facts: { indicator: 'minor', incidents: 1 },
    },
    {
      name: 'health',
      question: 'Is checkout-assistant itself well?',
      outcome: 'unknown',
      latencyMs: 5_000,
      why: 'no answer within 5 s',
    },
  ],
  mitigations: [
    {
      kind: 'enable-fallback',
      why: 'Users are served by ministral-8b-latest, which answered at its last rehearsal (19 Nov 03:10 UTC).',
    },
    {
      kind: 'switch-model',
      why: 'Room and limits are counted for each model: mistral-small-latest answers now.',
      model: 'mistral-small-latest',
    },
  ],
  notOffered: [{ kind: 'rotate-key', why: 'The capacity is not that of the key.' }],
  nextSteps: ['Send the correlation ids of the probes to Mistral support.'],
  at: '2026-11-20T03:12:19.000Z',
  blind: ['our own service'],
  impact: { failingShare: 0.43, requestsPerMinute: 120, models: ['mistral-large-latest'] },
  matrix: [
    { model: 'mistral-large-latest', outcome: 'failed', branch: 'capacity.model' },
    { model: 'mistral-small-latest', outcome: 'ok' },
  ],
  latency: { connectMs: 12, edgeMs: 3, upstreamMs: 271, oursMs: 26 },
  nextQuestion:
    'Is it the model or our limit? Ask another organisation, or the same model with the priority tier: an answer means it is our limit.',
};

export const PROVIDER_INCIDENT: Incident = {
  ...SAMPLE_INCIDENT,
  severity: 'P2',
  title: 'MistralCapacity',
  summary: 'Calls of checkout-assistant to mistral-large-latest end with 429.',
  acknowledgedBy: ON_CALL,
  commander: ON_CALL,
  diagnosis: PROVIDER_DIAGNOSIS,
  revision: 2,
};

const AHEAD: Incident = {
  ...SAMPLE_INCIDENT,
  severity: 'P4',
  title: 'Within 30 days: Mistral ends mistral-medium-2508 on 10 Dec 2026',
  summary:
    "After that day every call to it fails. Configure Mistral Medium 3.5 in the application in its place. Mistral's own model list says so.",
  alerts: SAMPLE_INCIDENT.alerts.map((alert) => ({
    ...alert,
    source: OWN_SOURCE,
    severity: 'P4' as const,
    title: 'Within 30 days: Mistral ends mistral-medium-2508 on 10 Dec 2026',
    link: null,
  })),
  diagnosis: HEALTHY_DIAGNOSIS,
};

/** Messages about asking: the verdict with all that it may know, its progress, the ticket, and a warning of our own. */
export const triageMessages = (): Readonly<Record<string, ChatMessage>> => ({
  'incident-theirs': renderIncident(PROVIDER_INCIDENT),
  'incident-ahead': renderIncident(AHEAD),
  'diagnosis-theirs': renderDiagnosis(PROVIDER_INCIDENT, PROVIDER_DIAGNOSIS),
  'verdict-theirs': renderVerdict(PROVIDER_DIAGNOSIS, 'checkout-assistant', ON_CALL),
  'triage-progress': renderTriageProgress({
    answered: PROVIDER_DIAGNOSIS.probes.slice(0, 2),
    openCount: 5,
    deadlineMs: 15_000,
    service: 'checkout-assistant',
    askedBy: ON_CALL,
  }),
  'triage-again': renderTriageProgress({
    answered: [],
    deadlineMs: 15_000,
    service: 'checkout-assistant',
    askedBy: ON_CALL,
  }),
  ticket: renderTicketNote(PROVIDER_INCIDENT, {
    ...SAMPLE_NOTE,
    kind: 'ticket',
    text: `Support ticket written by <@${ON_CALL}>: .mistral-triage/evidence/${SAMPLE_INCIDENT.id}/ticket.md`,
  }),
});
