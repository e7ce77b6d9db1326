import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Action, ActionWorld, Plan } from '../../lib/actions/action.ts';
import { openControls } from '../../lib/adapters/embedded/controls.ts';
import { type EmbeddedSecrets, openSecrets } from '../../lib/adapters/embedded/secrets.ts';
import { openStateFile } from '../../lib/adapters/embedded/state-file.ts';
import { openStore } from '../../lib/adapters/embedded/store.ts';
import { SECRETS_SCHEMA, STATE_SCHEMA } from '../../lib/adapters/embedded/tables.ts';
import { createMistralCalls } from '../../lib/adapters/mistral/calls.ts';
import type { Control } from '../../lib/domain/control.ts';
import type { Lease } from '../../lib/domain/lease.ts';
import { openEmbeddedMistral } from '../../lib/local/mistral/server.ts';
import { endOf } from '../../lib/mitigate/lease.ts';
import { makeTempFolder } from '../adapters/embedded/temp-folder.ts';
import { present } from '../contracts/opened.ts';

export const CURRENT_KEY = 'test-key-current';
export const STANDBY_KEY = 'test-key-standby';
export const SECRET = 'mistral/chat';
const START_MS = Date.parse('2026-11-20T10:00:00Z');

export type TestWorld = ActionWorld & {
  readonly secrets: EmbeddedSecrets;
  /** Value under each label that matters, so that a test reads as what applications get. */
  readonly keys: () => Promise<Readonly<Record<string, string | null>>>;
  readonly labels: () => Promise<Readonly<Record<string, string>>>;
  /** How often AWSCURRENT went from one version to another. */
  readonly rotations: () => Promise<number>;
  readonly control: () => Promise<Control>;
  /** What applications read. */
  readonly published: () => Promise<unknown>;
  readonly passMs: (ms: number) => void;
};

/** Files in a folder of their own, for any number of services that do not see each other. */
export const openHost = async (): Promise<{ readonly openWorld: (mistralUrl?: string) => Promise<TestWorld> }> => {
  const { path, remove } = makeTempFolder();
  const file = await openStateFile(join(path, 'state.sqlite'), STATE_SCHEMA);
  const secretsFile = await openStateFile(join(path, 'secrets.sqlite'), SECRETS_SCHEMA);
  onTestFinished(async () => {
    await file.close();
    await secretsFile.close();
    remove();
  });
  let nowMs = START_MS;
  const clock = { nowMs: () => nowMs };
  const parts = {
    store: openStore(file),
    secrets: openSecrets(secretsFile, clock),
    projection: openControls(path),
    clock,
    passMs: (ms: number) => {
      nowMs += ms;
    },
  };
  let services = 0;
  return {
    openWorld: (mistralUrl = NOBODY) => {
      services += 1;
      const suffix = services === 1 ? '' : `-${services}`;
      return makeWorld(parts, `chat${suffix}`, `${SECRET}${suffix}`, mistralUrl);
    },
  };
};

const NOBODY = 'http://127.0.0.1:9';

/** One service on files of its own. Nobody answers for Mistral unless a server is given. */
export const openWorld = async (mistralUrl?: string): Promise<TestWorld> => (await openHost()).openWorld(mistralUrl);

type HostParts = Pick<TestWorld, 'store' | 'secrets' | 'projection' | 'clock' | 'passMs'>;

const makeWorld = async (parts: HostParts, name: string, secretId: string, mistralUrl: string): Promise<TestWorld> => {
  const { store, secrets, projection } = parts;
  await secrets.seed(secretId, { current: CURRENT_KEY, standby: STANDBY_KEY });
  return {
    ...parts,
    mistral: createMistralCalls({ serverUrl: mistralUrl, clock: { nowMs: Date.now } }),
    target: {
      name,
      environment: 'production',
      models: ['mistral-small-latest', 'mistral-large-latest'],
      secretId,
      healthUrl: null,
    },
    timeoutMs: 2000,
    fallbackMinutes: 60,
    keysLiveIn: 'local',
    keys: async () => {
      const labels = present(await secrets.labels(secretId));
      const pairs = await Promise.all(
        [...labels.keys()].map(async (label) => [label, await secrets.value(secretId, { label })] as const),
      );
      return Object.fromEntries(pairs);
    },
    labels: async () => Object.fromEntries(present(await secrets.labels(secretId))),
    rotations: async () => {
      const moves = await secrets.moves(secretId);
      return moves.filter((move) => move.label === 'AWSCURRENT' && move.from !== null).length;
    },
    control: async () => present(await store.read('control', `production/${name}`)).record,
    published: async () => {
      const text = await projection.current('production', name);
      const value: unknown = text === null ? null : JSON.parse(text);
      return value;
    },
  };
};

/** A Mistral on this machine that knows both keys. */
export const openMistral = async (): Promise<{
  readonly url: string;
  readonly breakWith: (fault: string, key?: 'current' | 'standby') => Promise<void>;
}> => {
  const server = await openEmbeddedMistral({
    keys: [
      { name: 'current', value: CURRENT_KEY },
      { name: 'standby', value: STANDBY_KEY },
    ],
    clock: { nowMs: Date.now },
  });
  onTestFinished(server.close);
  return {
    url: server.url,
    breakWith: async (fault, key) => {
      const response = await fetch(`${server.url}/control/fault`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ fault, key }),
      });
      if (!response.ok) throw new Error(`the fault ${fault} was refused: ${await response.text()}`);
    },
  };
};

export const makeLease = (kind: Lease['kind'], id = 'LSE-1', plan: Plan | null = null): Lease => ({
  id,
  incidentId: 'INC-1',
  kind,
  service: 'chat',
  environment: 'production',
  state: 'applying',
  requestedBy: 'U1',
  requestedAt: '2026-11-20T10:00:00.000Z',
  approvedBy: null,
  expiresAt: null,
  undoneBy: null,
  plan,
  outcome: '',
});

/** The lease with the plan that its preview makes, started now. */
export const planned = async (action: Action, world: ActionWorld, id = 'LSE-1'): Promise<Lease> => {
  const lease = makeLease(action.kind, id);
  const preview = await action.preview(lease, world);
  if ('refused' in preview) throw new Error(`refused: ${preview.refused}`);
  return { ...lease, plan: preview.plan, expiresAt: endOf(preview.plan, world.clock.nowMs()) };
};

/** The lease as it is while a person, or the end of its time, takes it back. */
export const undoing = (lease: Lease, why: 'asked' | 'ended' = 'asked', attempt = 1): Lease => ({
  ...lease,
  undo: { attempt, why, from: 'active' },
});
