import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LabelMove } from '../../lib/adapters/embedded/secrets.ts';
import type { State } from '../../lib/app/local-state.ts';
import type { AlertRecord } from '../../lib/domain/alert.ts';
import type { Control } from '../../lib/domain/control.ts';
import type { Delivery } from '../../lib/domain/delivery.ts';
import type { Incident } from '../../lib/domain/incident.ts';
import type { Lease } from '../../lib/domain/lease.ts';
import type { AuditEntry, TimelineEntry } from '../../lib/domain/timeline.ts';
import { SERVICES, type StormService } from './storm-config.ts';

/** Everything that is stored of one incident. */
export type Kept = {
  readonly incident: Incident;
  readonly root: Delivery | null;
  readonly notes: readonly Delivery[];
  readonly timeline: readonly TimelineEntry[];
  readonly audit: readonly AuditEntry[];
  readonly leases: readonly Lease[];
};

const listAll = async <K extends Parameters<State['store']['list']>[0]>(state: State, kind: K, prefix = '') =>
  (await state.store.list(kind, prefix)).map(({ record }) => record);

export const readIncidents = async (state: State): Promise<readonly Kept[]> => {
  const incidents = await listAll(state, 'incident');
  return Promise.all(
    incidents.map(async (incident) => {
      const deliveries = await listAll(state, 'delivery', `${incident.id}#`);
      return {
        incident,
        root: deliveries.find(({ part }) => part === 'root') ?? null,
        notes: deliveries.filter(({ part }) => part.startsWith('note:')),
        timeline: await listAll(state, 'timeline', `${incident.id}#`),
        audit: await listAll(state, 'audit', `${incident.id}#`),
        leases: (await listAll(state, 'lease')).filter((lease) => lease.incidentId === incident.id),
      };
    }),
  );
};

export const readAlertRecords = async (state: State): Promise<ReadonlyMap<string, AlertRecord>> =>
  new Map((await listAll(state, 'alert')).map((record) => [record.key, record]));

const isRunning = ({ state }: { readonly state: string }): boolean =>
  ['proposed', 'awaiting-approval', 'applying', 'reverting'].includes(state);

/** What is still to be done; empty when all is quiet. */
const findUnrest = async (state: State): Promise<readonly string[]> => {
  const queued = (['jobs', 'mitigate'] as const).filter((queue) => state.jobs.nextReadyMs(queue) !== null);
  const kept = await readIncidents(state);
  return [
    ...queued.map((queue) => `the queue ${queue} is not empty`),
    ...kept.flatMap(({ incident, root, leases }) => [
      ...(incident.outbox.notBeforeMs === null ? [] : [`${incident.id} has something to tell`]),
      ...((root?.toldRevision ?? 0) < incident.revision ? [`${incident.id} is not shown as it is`] : []),
      ...leases.filter(isRunning).map((lease) => `${lease.id} is ${lease.state}`),
      ...(incident.diagnosis === null ? [`${incident.id} has no diagnosis`] : []),
    ]),
    ...kept
      .filter(({ incident }) => serviceOf(incident)?.mitigation === 'rotate-key' && incident.status !== 'monitoring')
      .map(({ incident }) => `${incident.id} is not monitoring yet`),
  ];
};

export const serviceOf = (incident: Incident): StormService | undefined =>
  SERVICES.find(({ name }) => name === incident.service);

/** Looks until nothing is left to do, twice in a row; the last unrest when the time is over. */
export const waitForQuiet = async (state: State, limitMs: number): Promise<readonly string[]> => {
  const endMs = performance.now() + limitMs;
  let unrest: readonly string[] = [];
  for (let quietLooks = 0; quietLooks < 2 && performance.now() < endMs; ) {
    unrest = await findUnrest(state);
    quietLooks = unrest.length === 0 ? quietLooks + 1 : 0;
    await pause(500);
  }
  return unrest;
};

/** What the mitigation of a service really changed. */
export type Changed = {
  /** Every move of a label of its secret, oldest first. */
  readonly moves: readonly LabelMove[];
  readonly control: Control | null;
  /** What applications read; null when there is nothing. */
  readonly published: string | null;
};

export const readChanged = async (state: State, stateDir: string, service: StormService): Promise<Changed> => {
  const moves = await state.secrets.moves(service.secretId);
  const stored = await state.store.read('control', `production/${service.name}`);
  const published = await readFile(join(stateDir, 'controls', 'production', `${service.name}.json`), 'utf8').catch(
    () => null,
  );
  return { moves, control: stored?.record ?? null, published };
};
