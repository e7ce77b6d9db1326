import * as z from 'zod/mini';
import { deploymentFacts } from '../../domain/deployment.ts';
import type { FactSource } from '../../ports/probe-sources.ts';
import type { ServiceTarget } from '../../ports/probes.ts';
import { systemClock, systemWait } from '../system.ts';
import { addressOf, type Variables } from './addresses.ts';
import { AwsError } from './failure.ts';
import { createSend } from './send-signed.ts';

/** A function and its alias, as `triage.config.ts` names them. */
export type LambdaAlias = { readonly functionName: string; readonly alias: string };

export type LambdaAliasOptions = {
  readonly variables: Variables;
  /** Of one call, its second try included. */
  readonly limitMs: number;
  /** null: nothing is configured there for the service. */
  readonly sourceOf: (target: ServiceTarget) => LambdaAlias | null;
};

const MOST_BYTES = 256 * 1024;

const ALIAS = z.object({
  FunctionVersion: z.string(),
  RoutingConfig: z.optional(
    z.nullable(z.object({ AdditionalVersionWeights: z.optional(z.nullable(z.record(z.string(), z.number()))) })),
  ),
});

const CONFIGURATION = z.object({ LastModified: z.string() });

/** `2026-11-20T12:00:00.000+0000` */
const toIso = (text: string): string | null => {
  const atMs = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isFinite(atMs) ? new Date(atMs).toISOString() : null;
};

const createGet = ({ variables, limitMs }: LambdaAliasOptions) => {
  const send = createSend({ variables, limitMs, tries: 2, clock: systemClock, wait: systemWait, chance: Math.random });
  return async <T extends z.core.$ZodType>(name: string, path: string, schema: T): Promise<z.output<T>> => {
    const { bytes } = await send({
      name,
      addressIn: (region) => {
        const url = addressOf(variables, 'lambda', region);
        url.pathname = `${url.pathname.replace(/\/$/, '')}/2015-03-31/functions/${path}`;
        return url;
      },
      unsigned: { service: 'lambda', method: 'GET', headers: {}, bytes: new Uint8Array() },
      mostBytes: MOST_BYTES,
    });
    const read = z.safeParse(schema, parse(name, bytes));
    if (!read.success) throw new AwsError(name, 'unreadable', { code: 'UnknownShape' });
    return read.data;
  };
};

const parse = (name: string, bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new AwsError(name, 'unreadable', { code: 'NotJson' });
  }
};

/** Versions are counted up. `$LATEST` has none before it, nor has the first. */
const versionBefore = (versions: readonly string[]): readonly string[] => {
  const oldest = Math.min(...versions.map(Number));
  return oldest > 1 ? [String(oldest - 1)] : [];
};

/**
 * What an alias leads to, when that version was made, and the version before it, where that is still there. AWS does not say when the
 * alias was moved, so going back to an older version looks as old as that version is, and the one that was left is not seen. Where a part
 * of the calls goes to another version, the younger of them comes first. Needs GetAlias, and GetFunctionConfiguration on the versions.
 */
export const createLambdaAliases = (options: LambdaAliasOptions): FactSource => {
  const get = createGet(options);
  const readVersion = async (functionName: string, version: string) => {
    // Escaped as AWS's own clients do it, since the signature is over the path as it is sent.
    const path = `${encodeURIComponent(`${functionName}:${version}`)}/configuration`;
    const { LastModified } = await get('lambda.GetFunctionConfiguration', path, CONFIGURATION);
    const at = toIso(LastModified);
    return at === null ? [] : [{ version, deployedAt: at }];
  };
  return {
    name: 'Lambda',
    isFor: (target) => options.sourceOf(target) !== null,
    read: async (target) => {
      const source = options.sourceOf(target);
      if (source === null) return null;
      const { functionName, alias } = source;
      const { FunctionVersion, RoutingConfig } = await get(
        'lambda.GetAlias',
        `${functionName}/aliases/${alias}`,
        ALIAS,
      );
      const versions = [FunctionVersion, ...Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {})];
      const [before, ...present] = await Promise.all([
        Promise.all(versionBefore(versions).map((version) => readVersion(functionName, version))).catch(() => []),
        ...versions.map((version) => readVersion(functionName, version)),
      ]);
      if (present.flat().length === 0)
        throw new AwsError('lambda.GetFunctionConfiguration', 'unreadable', { code: 'NoTime' });
      return deploymentFacts([...present, ...before].flat());
    },
  };
};
