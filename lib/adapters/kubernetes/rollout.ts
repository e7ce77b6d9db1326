import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { deploymentFacts, type Shipped } from '../../domain/deployment.ts';
import type { ProbeFacts } from '../../domain/diagnosis.ts';
import type { FactSource } from '../../ports/probe-sources.ts';
import type { ServiceTarget } from '../../ports/probes.ts';
import { getJson, NoAnswer } from '../get-json.ts';
import { SourceError } from '../source-error.ts';

/** A Deployment of a cluster, as `triage.config.ts` names it. */
export type KubernetesSource = {
  readonly url: string;
  readonly allowPrivate: boolean;
  readonly namespace: string;
  readonly deployment: string;
  /** Whose image says the version; null: the first. */
  readonly container: string | null;
  /** Read at each call: the cluster renews what lies there. */
  readonly tokenFile: string;
  /** null: the system's certificates. */
  readonly caFile: string | null;
};

const MOST_BYTES = 4 * 1024 * 1024;

const REVISION = 'deployment.kubernetes.io/revision';

const METADATA = z.object({
  name: z.string(),
  creationTimestamp: z.string(),
  annotations: z.optional(z.record(z.string(), z.string())),
});

const TEMPLATE = z.object({
  spec: z.object({ containers: z.array(z.object({ name: z.string(), image: z.string() })) }),
});

const DEPLOYMENT = z.object({
  metadata: METADATA,
  spec: z.object({
    selector: z.object({ matchLabels: z.optional(z.record(z.string(), z.string())) }),
    template: TEMPLATE,
  }),
  status: z.optional(
    z.object({
      conditions: z.optional(z.array(z.object({ type: z.string(), lastUpdateTime: z.optional(z.string()) }))),
    }),
  ),
});

const SETS = z.object({
  items: z.array(
    z.object({
      metadata: z.extend(METADATA, {
        ownerReferences: z.optional(z.array(z.object({ kind: z.string(), name: z.string() }))),
      }),
      spec: z.optional(z.object({ template: z.optional(TEMPLATE) })),
    }),
  ),
});

type Deployment = z.output<typeof DEPLOYMENT>;
type Sets = z.output<typeof SETS>['items'];

const readText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch(() => {
    throw new SourceError('a file of the service account cannot be read');
  });

const createGet = async (source: KubernetesSource, limitMs: number) => {
  const token = (await readText(source.tokenFile)).trim();
  const ca = source.caFile === null ? null : await readText(source.caFile);
  return async <T extends z.core.$ZodType>(path: string, schema: T): Promise<z.output<T>> => {
    const body = await getJson(`${source.url.replace(/\/$/, '')}${path}`, {
      limitMs,
      mostBytes: MOST_BYTES,
      allowPrivate: source.allowPrivate,
      headers: { authorization: `Bearer ${token}` },
      ...(ca === null ? {} : { ca }),
    }).catch((error: unknown) => {
      throw error instanceof NoAnswer ? explain(error) : new SourceError('the call fails');
    });
    const read = z.safeParse(schema, body);
    if (!read.success) throw new SourceError('its answer is not that of the Kubernetes API');
    return read.data;
  };
};

const explain = (error: NoAnswer): SourceError => {
  if (error.status === 404) return new SourceError('the cluster has no such deployment');
  if (error.status === 401) return new SourceError('it refuses the service account (401)');
  if (error.status === 403) return new SourceError('the service account may not read deployments (403)');
  return new SourceError(error.message);
};

/** `registry/name:tag@sha256:…` to its tag, else to the beginning of its digest. */
const versionOf = (image: string): string => {
  const [named = '', digest] = image.split('@');
  const tag = /:([\w][\w.-]{0,127})$/.exec(named)?.[1];
  return tag ?? digest?.replace(/^sha256:/, '').slice(0, 12) ?? 'untagged';
};

const revisionOf = (metadata: z.output<typeof METADATA>): string | undefined => metadata.annotations?.[REVISION];

const imageIn = (template: z.output<typeof TEMPLATE> | undefined, container: string | null): string => {
  const containers = template?.spec.containers ?? [];
  return (container === null ? containers[0] : containers.find(({ name }) => name === container))?.image ?? '';
};

const ownSets = (deployment: Deployment, sets: Sets): Sets =>
  sets.filter(({ metadata }) =>
    (metadata.ownerReferences ?? []).some(
      ({ kind, name }) => kind === 'Deployment' && name === deployment.metadata.name,
    ),
  );

/**
 * When the present revision began to go out: its set's creation. Going back to an older revision takes up its set again, which is then
 * not the youngest one; for that, and where sets cannot be read, the last progress of the rollout stands.
 */
const rolledOutAt = (deployment: Deployment, own: Sets): string | null => {
  const present = own.find(({ metadata }) => revisionOf(metadata) === revisionOf(deployment.metadata))?.metadata;
  const isYoungest = own.every(({ metadata }) => metadata.creationTimestamp <= (present?.creationTimestamp ?? ''));
  const progress = deployment.status?.conditions?.find(({ type }) => type === 'Progressing')?.lastUpdateTime;
  return present !== undefined && isYoungest ? present.creationTimestamp : (progress ?? null);
};

/** What went out before, as far as the cluster keeps the sets of it (`revisionHistoryLimit`, 10 unless said otherwise). */
const shippedBefore = (own: Sets, { container }: KubernetesSource, atMs: number): readonly Shipped[] =>
  own.flatMap(({ metadata, spec }) => {
    const madeMs = Date.parse(metadata.creationTimestamp);
    if (!(madeMs < atMs)) return [];
    const image = imageIn(spec?.template, container);
    return [{ deployedAt: new Date(madeMs).toISOString(), ...(image === '' ? {} : { version: versionOf(image) }) }];
  });

const readRollout = async (source: KubernetesSource, limitMs: number): Promise<ProbeFacts> => {
  const get = await createGet(source, limitMs);
  const base = `/apis/apps/v1/namespaces/${encodeURIComponent(source.namespace)}`;
  const deployment = await get(`${base}/deployments/${encodeURIComponent(source.deployment)}`, DEPLOYMENT);
  const labels = Object.entries(deployment.spec.selector.matchLabels ?? {}).map(([name, value]) => `${name}=${value}`);
  const query = new URLSearchParams({ labelSelector: labels.join(',') });
  const own = await get(`${base}/replicasets?${query}`, SETS).then(
    ({ items }) => ownSets(deployment, items),
    () => [],
  );
  const atMs = Date.parse(rolledOutAt(deployment, own) ?? '');
  if (!Number.isFinite(atMs)) throw new SourceError('the deployment does not say when it was rolled out');
  const version = versionOf(imageIn(deployment.spec.template, source.container));
  const present = { deployedAt: new Date(atMs).toISOString(), version };
  const revision = revisionOf(deployment.metadata);
  return {
    ...deploymentFacts([present, ...shippedBefore(own, source, atMs)]),
    ...(revision === undefined ? {} : { revision }),
  };
};

/** The last rollouts of a Deployment, read with the service account's token: `get` on deployments, and `list` on replicasets for its time. */
export const createKubernetesRollouts = (sourceOf: (target: ServiceTarget) => KubernetesSource | null): FactSource => ({
  name: 'Kubernetes',
  isFor: (target) => sourceOf(target) !== null,
  read: async (target, timeoutMs) => {
    const source = sourceOf(target);
    return source === null ? null : readRollout(source, timeoutMs);
  },
});
