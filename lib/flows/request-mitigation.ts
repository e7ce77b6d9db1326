import { renderWhisper, whisperAlreadyDone, whisperGone } from '../../templates/whisper.ts';
import type { Lease, MitigationKind } from '../domain/lease.ts';
import type { ChatMessage } from '../domain/message.ts';
import { MITIGATION_NAMES } from '../domain/names.ts';
import { leaseIdOf, requestMitigation } from '../mitigate/request.ts';
import { appendAudit } from './audit.ts';
import { changeStored } from './change-incident.ts';
import { mayMitigateNow } from './may-press.ts';
import { momentOf, type Parts } from './parts.ts';
import { refuseMitigation } from './refuse-press.ts';
import { type Asked, buttonName } from './take-step.ts';
import { targetOf, tellUnconfigured } from './target-of.ts';

export type MitigationPress = { readonly kind: MitigationKind; readonly incidentId: string };

/** A press on a mitigation: who may, is one running, write it down, hand it over. Returns what the person is told. */
export const askForMitigation = async (
  parts: Parts,
  { job, request }: Asked,
  press: MitigationPress,
): Promise<ChatMessage | null> => {
  const { kind, incidentId } = press;
  const leaseId = leaseIdOf(job.id);
  const isButton = request.action !== 'command';
  // Whoever was let in before a crash is not asked again: a refusal now would leave a request that nobody works on.
  if (!(await wasLetIn(parts, incidentId, leaseId))) {
    const permission = await mayMitigateNow(parts, request);
    if (!permission.allowed) return refuseMitigation(parts, { job, request }, permission, incidentId);
  }
  const decided = await changeStored<{ readonly lease: Lease } | { readonly refused: string }>(
    parts,
    incidentId,
    (incident) => {
      if (targetOf(parts, incident) === null) return { answer: { refused: tellUnconfigured(parts, incident).cause } };
      const decision = requestMitigation(incident, { kind, user: request.user, leaseId, isButton }, momentOf(parts));
      const why = 'refused' in decision ? decision.refused : decision.reason;
      parts.log('mitigation.decided', { incident: incidentId, kind, asked: 'lease' in decision, why });
      return 'refused' in decision
        ? { answer: decision }
        : { incident: decision.incident, answer: { lease: decision.lease } };
    },
  );
  if (decided === null) return whisperGone(buttonName(request));
  if ('refused' in decided) return renderWhisper(decided.refused);
  await parts.store.write('lease', leaseId, decided.lease, 0);
  await appendAudit(parts, {
    incidentId,
    leaseId,
    step: 'requested',
    actor: request.user,
    text: MITIGATION_NAMES[kind],
  });
  await parts.jobs.put([
    { id: `mitigate:${leaseId}`, queue: 'mitigate', body: { kind: 'mitigate', leaseId, incidentId } },
  ]);
  return null;
};

const wasLetIn = async (parts: Pick<Parts, 'store'>, incidentId: string, leaseId: string): Promise<boolean> => {
  const stored = await parts.store.read('incident', incidentId);
  return stored?.record.mitigations.some(({ id }) => id === leaseId) ?? false;
};

export const askForUndo = async (
  parts: Parts,
  { job, request }: Asked,
  leaseId: string,
): Promise<ChatMessage | null> => {
  const stored = await parts.store.read('lease', leaseId);
  if (!stored) return whisperGone(buttonName(request));
  const { state, incidentId, undoneBy } = stored.record;
  if (state !== 'active' && state !== 'unknown')
    return undoneBy === null
      ? renderWhisper(`There is nothing to undo: it is ${state}.`)
      : whisperAlreadyDone('It was undone', undoneBy);
  const body = { kind: 'undo', leaseId, incidentId, actor: request.user, why: 'asked' } as const;
  await parts.jobs.put([{ id: `undo:${job.id}`, queue: 'mitigate', body }]);
  return null;
};
