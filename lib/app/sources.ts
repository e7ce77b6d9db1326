import { createLambdaAliases } from '../adapters/aws/lambda-aliases.ts';
import type { SignedCall } from '../adapters/aws/signed-request.ts';
import { createCloudwatchTraffic } from '../adapters/aws/traffic.ts';
import { createLogTraffic } from '../adapters/aws/traffic-logs.ts';
import { createDeploymentsFeed } from '../adapters/deployments-feed.ts';
import { createReleaseNote } from '../adapters/git-note.ts';
import { createKubernetesRollouts } from '../adapters/kubernetes/rollout.ts';
import { createPlainCalls } from '../adapters/mistral/plain-calls.ts';
import { createAdminSources } from '../adapters/mistral-admin/account.ts';
import { createNetworkCalls } from '../adapters/network.ts';
import { createPrometheusTraffic } from '../adapters/prometheus/traffic.ts';
import { createStatusPage } from '../adapters/status-page.ts';
import type { Config } from '../config.ts';
import type { ProbeSources } from '../ports/probe-sources.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import type { Store } from '../ports/store.ts';
import type { Clock, Wait } from '../ports/world.ts';

export type KeptFacts = Pick<ProbeSources, 'network' | 'regions' | 'traffic' | 'deployments' | 'statusPage' | 'admin'>;

export type SourcesWorld = {
  readonly config: Config;
  readonly store: Pick<Store, 'read'>;
  /** Region, credentials and addresses of AWS, and the tokens that the configuration names. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly call: SignedCall;
  /** Of the Mistral API. */
  readonly serverUrl: string;
  /** null: no admin key is configured, and the account is not asked. */
  readonly adminKey: (() => Promise<string>) | null;
  readonly clock: Clock;
  readonly wait: Wait;
};

/** Of one signed call for an alias, its second try included. */
const ALIAS_LIMIT_MS = 3_000;

type Service = Config['services'][number];

/** As it stands in the variable: with its scheme, or a Bearer token. */
const writeAuthorization = (token: string): string => (/^(?:Bearer|Basic) /i.test(token) ? token : `Bearer ${token}`);

/** Values of the variables that hold tokens for sources: for redaction. */
export const sourceTokens = (config: Config, variables: SourcesWorld['variables']): readonly string[] =>
  config.services.flatMap(({ metrics }) => {
    const token = variables[metrics?.prometheus?.tokenVariable ?? ''];
    return token ? [token.replace(/^(?:Bearer|Basic) /i, '')] : [];
  });

/**
 * The way to Mistral, and what others keep about our services: metrics, deployments, the provider's page, the account. Each of these answers
 * null for a service that it is not configured for.
 */
export const createSources = (world: SourcesWorld): KeptFacts => {
  const { config, variables, adminKey } = world;
  const serviceOf = (target: ServiceTarget): Service | undefined =>
    config.services.find((one) => one.name === target.name && one.environment === target.environment);
  return {
    network: createNetworkCalls({
      apiUrl: world.serverUrl,
      variables,
      allowPrivate: config.probing.allowPrivate,
    }),
    regions: regionsOf(world),
    traffic: trafficSources(world, serviceOf),
    deployments: [
      createDeploymentsFeed(world.store),
      createKubernetesRollouts((target) => serviceOf(target)?.deployments?.kubernetes ?? null),
      createLambdaAliases({
        variables,
        limitMs: ALIAS_LIMIT_MS,
        sourceOf: (target) => serviceOf(target)?.deployments?.lambda ?? null,
      }),
      createReleaseNote((target) => serviceOf(target)?.deployments?.releaseNote ?? null),
    ],
    statusPage: config.statusPage === null ? null : createStatusPage(config.statusPage),
    admin:
      adminKey === null
        ? null
        : createAdminSources({
            serverUrl: world.serverUrl,
            adminKey,
            header: config.admin.header,
            allowPrivate: config.probing.allowPrivate,
            keyNameOf: (target) => serviceOf(target)?.adminKeyName ?? null,
          }),
  };
};

const GLOBAL = 'api.mistral.ai';

/** Mistral's own other addresses, and only where its global one is asked: the key goes to nobody else. */
const regionsOf = ({ serverUrl, clock, config, variables }: SourcesWorld): ProbeSources['regions'] =>
  URL.parse(serverUrl)?.host === GLOBAL
    ? ['eu', 'us'].map((name) => ({
        name,
        calls: createPlainCalls({
          serverUrl: `https://api.${name}.mistral.ai`,
          clock,
          allowPrivate: config.probing.allowPrivate,
          variables,
        }),
      }))
    : [];

const trafficSources = (
  { call, clock, wait, variables }: SourcesWorld,
  serviceOf: (target: ServiceTarget) => Service | undefined,
): ProbeSources['traffic'] => {
  /** One kind of source, with what all of them have in common. */
  const under =
    <T>(pick: (metrics: NonNullable<Service['metrics']>) => T | null) =>
    (target: ServiceTarget): (T & { readonly windowMinutes: number }) | null => {
      const metrics = serviceOf(target)?.metrics ?? null;
      const source = metrics === null ? null : pick(metrics);
      return metrics === null || source === null ? null : { ...source, windowMinutes: metrics.windowMinutes };
    };
  const authorizationOf = (target: ServiceTarget): string | null => {
    const token = variables[serviceOf(target)?.metrics?.prometheus?.tokenVariable ?? ''];
    return token ? writeAuthorization(token) : null;
  };
  return [
    createPrometheusTraffic({ clock, sourceOf: under(({ prometheus }) => prometheus), authorizationOf }),
    createCloudwatchTraffic({ call, clock, sourceOf: under(({ cloudwatch }) => cloudwatch) }),
    createLogTraffic({
      call,
      clock,
      wait,
      sourceOf: under(({ logs }) => (logs === null ? null : { logGroups: logs.groups, statusField: logs.statusField })),
    }),
  ];
};
