import type { Action, ActionWorld } from '../actions/action.ts';
import { enableFallback } from '../actions/enable-fallback.ts';
import { rotateKey } from '../actions/rotate-key.ts';
import { isOpen } from '../domain/incident.ts';
import { setTimer } from '../domain/incident-change.ts';
import { LEASE_STATES, type Lease, type LeaseState, mayMove } from '../domain/lease.ts';
import { MITIGATION_NAMES } from '../domain/names.ts';
import { approvalEndMs } from '../mitigate/approval.ts';
import { endOf, leaseTimers, stateAfterApply } from '../mitigate/lease.ts';
import { reflectLease } from '../mitigate/request.ts';
import type { Stored } from '../ports/store.ts';
import { appendAudit, readAudit } from './audit.ts';
import { changeStored } from './change-incident.ts';
import { momentOf, type Parts } from './parts.ts';
import { targetOf, tellUnconfigured } from './target-of.ts';
import { tryApply, tryPreview, tryVerify, tryWithdraw } from './try-action.ts';

/** The mitigations that can be applied now: one line each. */
const ACTIONS: readonly Action[] = [rotateKey, enableFallback];

export const actionOf = (kind: Lease['kind']): Action | null => ACTIONS.find((action) => action.kind === kind) ?? null;

/** A lease names its place itself, so that it can be undone also when the configuration does not know the service any more. */
export const worldOf = (parts: Parts, lease: Lease): ActionWorld => ({
  store: parts.store,
  secrets: parts.secrets,
  projection: parts.projection,
  mistral: parts.mistral,
  clock: parts.clock,
  target: targetOf(parts, lease) ?? {
    name: lease.service,
    environment: lease.environment,
    models: [],
    secretId: lease.plan?.['secretId'] ?? '',
    healthUrl: null,
  },
  timeoutMs: parts.settings.probeDeadlineMs,
  fallbackMinutes: parts.settings.fallbackMinutes,
  keysLiveIn: parts.settings.keysLiveIn,
});

/**
 * Audit before effect: the plan and the intent are durable before anything changes, the outcome after. Whatever step a crash
 * interrupts, the job comes again, finds the lease in its state and goes on from there; the action recognises what it has done.
 */
export const applyMitigation = async (parts: Parts, leaseId: string): Promise<void> => {
  const stored = await parts.store.read('lease', leaseId);
  if (!stored) return;
  const lease = stored.record;
  const action = actionOf(lease.kind);
  if (!action)
    return finish(parts, stored, 'failed', `${MITIGATION_NAMES[lease.kind]} cannot be done by this version.`);
  if (await closeAsWritten(parts, stored)) return;
  switch (lease.state) {
    case 'proposed':
      return prepare(parts, stored, action);
    case 'awaiting-approval':
      return continueApproved(parts, stored, action);
    case 'applying':
      return resume(parts, stored, action);
    case 'rejected':
      await auditDecision(parts, lease);
      return reflect(parts, lease);
    case 'active':
    case 'failed':
    case 'unknown':
    case 'reverting':
    case 'reverted':
    case 'expired':
      return reflect(parts, lease);
  }
};

const prepare = async (parts: Parts, stored: Stored<Lease>, action: Action): Promise<void> => {
  const lease = stored.record;
  if (!(await isIncidentOpen(parts, lease))) return finish(parts, stored, 'failed', RESOLVED_MEANWHILE);
  if (targetOf(parts, lease) === null) return finish(parts, stored, 'failed', tellUnconfigured(parts, lease).cause);
  const preview = await tryPreview(action, lease, worldOf(parts, lease));
  if ('refused' in preview) return finish(parts, stored, 'failed', preview.refused);
  const planned = { ...lease, plan: preview.plan, outcome: preview.text };
  if (!parts.settings.needApproval.includes(lease.kind)) return start(parts, { ...stored, record: planned }, action);
  const waiting = await moveLease(parts, { ...stored, record: planned }, 'awaiting-approval', {});
  if (waiting) await reflect(parts, waiting.record);
};

const RESOLVED_MEANWHILE = 'its incident was resolved before it started; nothing was changed.';

export const isIncidentOpen = async (parts: Pick<Parts, 'store'>, lease: Lease): Promise<boolean> => {
  const stored = await parts.store.read('incident', lease.incidentId);
  return stored !== null && isOpen(stored.record);
};

const continueApproved = async (parts: Parts, stored: Stored<Lease>, action: Action): Promise<void> => {
  const lease = stored.record;
  await auditDecision(parts, lease);
  if (!(await isIncidentOpen(parts, lease))) return expire(parts, stored, RESOLVED_MEANWHILE);
  if (lease.approvedBy !== null) return start(parts, stored, action);
  if (parts.clock.nowMs() < approvalEndMs(lease, parts.settings.approvalMinutes)) return reflect(parts, lease);
  return expire(parts, stored, 'nobody approved it in time; nothing was changed.');
};

const expire = async (parts: Parts, stored: Stored<Lease>, outcome: string): Promise<void> => {
  const expired = await moveLease(parts, stored, 'expired', { outcome });
  if (expired) await reflect(parts, expired.record);
};

/** The decision stands in the lease first, so that of two people one decides; a crash before this line is made up for here. */
export const auditDecision = async (parts: Parts, lease: Lease): Promise<void> => {
  const fact = { incidentId: lease.incidentId, leaseId: lease.id };
  if (lease.approvedBy !== null)
    await appendAudit(parts, { ...fact, step: 'approved', actor: lease.approvedBy, text: lease.outcome });
  if (lease.rejectedBy)
    await appendAudit(parts, { ...fact, step: 'rejected', actor: lease.rejectedBy, text: 'rejected' });
};

const start = async (parts: Parts, stored: Stored<Lease>, action: Action): Promise<void> => {
  const expiresAt = endOf(stored.record.plan, parts.clock.nowMs());
  const applying = await moveLease(parts, stored, 'applying', { expiresAt });
  if (applying) await run(parts, applying, action);
};

/** It may have lain for days among the dead letters: what no application sees yet is not begun for an incident that is over. */
const resume = async (parts: Parts, stored: Stored<Lease>, action: Action): Promise<void> => {
  const lease = stored.record;
  if (await isIncidentOpen(parts, lease)) return run(parts, stored, action);
  const left = await tryWithdraw(action, lease, worldOf(parts, lease));
  return left === 'nothing' ? finish(parts, stored, 'failed', RESOLVED_MEANWHILE) : run(parts, stored, action);
};

const run = async (parts: Parts, stored: Stored<Lease>, action: Action): Promise<void> => {
  const lease = stored.record;
  const fact = { incidentId: lease.incidentId, leaseId: lease.id, actor: lease.requestedBy };
  await appendAudit(parts, { ...fact, step: 'intent', text: describePlan(lease) });
  await reflect(parts, lease);
  await parts.checkpoint('intended');
  const world = worldOf(parts, lease);
  const applied = await tryApply(action, lease, world);
  await parts.checkpoint('effected');
  const verified = applied.result === 'done' ? await tryVerify(action, lease, world) : applied;
  await finish(parts, stored, stateAfterApply(applied.result, verified.result), verified.text);
};

const finish = async (parts: Parts, stored: Stored<Lease>, state: LeaseState, text: string): Promise<void> => {
  const { incidentId, id, requestedBy } = stored.record;
  await appendAudit(parts, { incidentId, leaseId: id, actor: requestedBy, step: 'outcome', text: `${state}: ${text}` });
  const finished = await moveLease(parts, stored, state, { outcome: text });
  if (finished) await reflect(parts, finished.record);
};

/** A crash between the outcome and the lease: what was written counts, and nothing runs again. False when there is no such gap. */
const closeAsWritten = async (parts: Parts, stored: Stored<Lease>): Promise<boolean> => {
  const { id, incidentId, state } = stored.record;
  if (state !== 'proposed' && state !== 'applying') return false;
  const audit = await readAudit(parts, incidentId);
  const written = audit.find((entry) => entry.leaseId === id && entry.step === 'outcome')?.text;
  const reached = LEASE_STATES.find((one) => written?.startsWith(`${one}: `));
  if (written === undefined || reached === undefined) return false;
  const closed = await moveLease(parts, stored, reached, { outcome: written.slice(reached.length + 2) });
  if (closed) await reflect(parts, closed.record);
  return true;
};

/** Moves a lease by compare-and-swap; null when somebody else moved it first (who then also goes on). */
export const moveLease = async (
  parts: Pick<Parts, 'store'>,
  stored: Stored<Lease>,
  state: LeaseState,
  patch: Partial<Lease>,
): Promise<Stored<Lease> | null> => {
  if (!mayMove(stored.record.state, state)) return null;
  const record = { ...stored.record, ...patch, state };
  const version = await parts.store.write('lease', record.id, record, stored.version);
  return version === null ? null : { record, version };
};

/** The incident shows the lease as it is, is checked at once, and wakes when the lease ends. */
export const reflect = async (parts: Parts, lease: Lease): Promise<void> => {
  await changeStored(parts, lease.incidentId, (incident) => {
    const moment = momentOf(parts);
    const reflected = reflectLease(incident, lease, moment);
    // Also where its summary is gone: a timer that nobody takes away fires for ever.
    const timers = leaseTimers(incident.timers, lease, parts.settings.approvalMinutes);
    if (reflected === incident)
      return timers === incident.timers ? { answer: null } : { incident: { ...incident, timers }, answer: null };
    const { state } = lease;
    const inEffect = state === 'active' || state === 'reverted' || state === 'expired' || state === 'unknown';
    const asked =
      inEffect && isOpen(incident) ? setTimer(timers, { kind: 'recheck', dueMs: moment.nowMs, refId: null }) : timers;
    return { incident: { ...reflected, timers: asked }, answer: null };
  });
};

const describePlan = (lease: Lease): string => {
  const plan = Object.entries(lease.plan ?? {}).map(([name, value]) => `${name}=${value}`);
  return `${MITIGATION_NAMES[lease.kind]} for ${lease.service}, asked by ${lease.requestedBy}: ${plan.join(', ')}`;
};
