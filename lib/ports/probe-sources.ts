import type { ProbeFacts } from '../domain/diagnosis.ts';
import type { MistralCalls, ServiceTarget } from './probes.ts';

/**
 * The way to an address, asked step by step. None throws; each answers within its limit. Where calls take a proxy, `resolve` and `connect` are
 * asked about the proxy by whoever plans them, and `inspectTls` goes through it.
 */
export type NetworkCalls = {
  /** Where the Mistral API is, as configured. */
  readonly apiUrl: string;
  readonly resolve: (host: string, timeoutMs: number) => Promise<NetworkAnswer>;
  readonly connect: (host: string, port: number, timeoutMs: number) => Promise<NetworkAnswer>;
  /** Facts: issuer, certificateEndsAt, certificateStartsAt, tlsHost, protocol. The certificate is read whether or not it is trusted. */
  readonly inspectTls: (host: string, port: number, timeoutMs: number) => Promise<NetworkAnswer>;
  /** The proxy that calls to this address take, as `host:port`, without credentials; null: none. */
  readonly proxyOf: (url: string) => string | null;
  /** A proxy that the environment names and that calls to this address do not take; null: none. */
  readonly unusedProxyOf: (url: string) => string | null;
  /** Asks the proxy of this address for a way to it, and sends nothing over that way. */
  readonly askProxy: (url: string, timeoutMs: number) => Promise<NetworkAnswer>;
};

/** `codes`: of the failure, as `ENOTFOUND`; `ADDRESS_REFUSED`: a private or metadata address that is not asked. `status`: of a proxy. */
export type NetworkAnswer = { readonly latencyMs: number; readonly facts?: ProbeFacts } & (
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly codes: readonly string[];
      readonly names: readonly string[];
      readonly status?: number;
    }
);

/** A source of facts about a service that somebody else keeps: metrics, deployments, a status page, an account. */
export type FactSource = {
  /** Which source it is, as people name it: "Prometheus", "CloudWatch", "the deployments feed". */
  readonly name: string;
  /** false: nothing is configured there for this service, so that there is no question to put. Absent: it may know something. */
  readonly isFor?: (target: ServiceTarget) => boolean;
  /** null: nothing is configured there for this service. Rejects with an error whose message may be shown. */
  readonly read: (target: ServiceTarget, timeoutMs: number) => Promise<ProbeFacts | null>;
};

/** Everything that probes may ask beside Mistral's API with the current key and the service's health address. */
export type ProbeSources = {
  readonly network: NetworkCalls | null;
  /** Regional endpoints, by name (`eu`, `us`). */
  readonly regions: readonly { readonly name: string; readonly calls: Pick<MistralCalls, 'listModels'> }[];
  /** Where the metrics of the service are: asked in this order, the first that answers speaks. */
  readonly traffic: readonly FactSource[];
  readonly deployments: readonly FactSource[];
  readonly statusPage: FactSource | null;
  readonly admin: { readonly spend: FactSource; readonly keys: FactSource } | null;
};

export const NO_SOURCES: ProbeSources = {
  network: null,
  regions: [],
  traffic: [],
  deployments: [],
  statusPage: null,
  admin: null,
};
