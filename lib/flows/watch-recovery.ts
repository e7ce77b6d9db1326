import type { RoutineCheck } from '../domain/check.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import { isOpen } from '../domain/incident.ts';
import { changeIncident } from '../domain/incident-change.ts';
import { applyCheck } from '../triage/recovery.ts';
import { changeStored } from './change-incident.ts';
import { diagnoseService } from './diagnose-service.ts';
import { momentOf, type Parts } from './parts.ts';

/** One check of an open incident: ask, decide, save; the saved incident carries its next check. */
export const checkIncident = async (parts: Parts, incidentId: string): Promise<void> => {
  const stored = await parts.store.read('incident', incidentId);
  if (!stored || !isOpen(stored.record)) return;
  const diagnosis = await diagnoseService(parts, stored.record.service, Date.parse(stored.record.updatedAt));
  await changeStored(parts, incidentId, (incident) => ({
    incident: applyCheck(incident, diagnosis, parts.settings, momentOf(parts)),
    answer: null,
  }));
};

/** A person asked: the answer is told in the thread even when it is the same as before. */
export const checkForPerson = async (parts: Parts, incidentId: string, user: string): Promise<void> => {
  const stored = await parts.store.read('incident', incidentId);
  if (!stored) return;
  const diagnosis = await diagnoseService(parts, stored.record.service);
  await changeStored(parts, incidentId, (incident) => {
    const moment = momentOf(parts);
    const checked = applyCheck(incident, diagnosis, parts.settings, moment);
    const told = checked.outbox.notes.length > incident.outbox.notes.length;
    const text = `Triage, asked by <@${user}>: ${diagnosis.cause}`;
    const happening = { kind: 'diagnosed', actor: user, text, note: { kind: 'update' } } as const;
    return { incident: told ? checked : changeIncident(checked, moment, {}, [happening]), answer: null };
  });
};

const STATUS = { healthy: 'healthy', problem: 'unhealthy', unknown: 'degraded' } as const;

/** The routine check of every configured service, from which GET /health is answered. */
export const checkRoutinely = async (parts: Parts): Promise<void> => {
  const services: Record<string, RoutineCheck['services'][string]> = {};
  for (const target of parts.settings.services)
    services[target.name] = summarise(await diagnoseService(parts, target.name), target.models);
  const checkedAt = new Date(parts.clock.nowMs()).toISOString();
  for (;;) {
    const stored = await parts.store.read('check', 'routine');
    const record: RoutineCheck = { checkedAt, intervalMs: parts.settings.routineMs, services };
    if ((await parts.store.write('check', 'routine', record, stored?.version ?? 0)) !== null) return;
  }
};

const summarise = (diagnosis: Diagnosis, models: readonly string[]): RoutineCheck['services'][string] => {
  const slowestMs = Math.max(0, ...diagnosis.probes.map((probe) => probe.latencyMs));
  const model = models[0];
  return {
    status: STATUS[diagnosis.verdict],
    latencyMs: slowestMs,
    ...(model === undefined ? {} : { model }),
    ...(diagnosis.verdict === 'healthy' ? {} : { error: diagnosis.branch }),
  };
};
