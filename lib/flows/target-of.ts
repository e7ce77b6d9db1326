import type { ServiceTarget } from '../ports/probes.ts';
import { diagnoseUnconfigured } from '../triage/unconfigured.ts';
import type { Parts } from './parts.ts';

/** Which service, and where: an incident and a lease name both, because one name may run in several environments. */
export type ServicePlace = { readonly service: string; readonly environment: string };

type Configured = Pick<ServiceTarget, 'environment' | 'name'>;
type Services<T extends Configured = Configured> = { readonly settings: { readonly services: readonly T[] } };

/** Key of everything that is kept per service: its diagnosis, its controls, its line in GET /health. */
export const placeKey = ({ environment, name }: Configured): string => `${environment}/${name}`;

/** The configured service of exactly this place. Another one's key is never asked with, and never changed, in its stead: then null. */
export const targetOf = <T extends Configured>(
  { settings }: Services<T>,
  { service, environment }: ServicePlace,
): T | null => settings.services.find((one) => one.name === service && one.environment === environment) ?? null;

type Named = { readonly service: string | null; readonly environment: string | null };

/**
 * The place that an alert or a person means. An alert that names no service is about the first configured one (of its environment, if it
 * names that). A name without an environment means its only one; where it runs in several, none is guessed.
 */
export const placeOf = ({ settings }: Services, { service, environment }: Named): ServicePlace => {
  const [first, ...others] = settings.services.filter(
    (one) => (service === null || one.name === service) && (environment === null || one.environment === environment),
  );
  if (first && (service === null || others.length === 0))
    return { service: first.name, environment: first.environment };
  return {
    service: service ?? settings.services[0]?.name ?? 'unknown',
    environment: environment ?? 'default',
  };
};

/** As people type it: `NAME`, or `ENVIRONMENT/NAME` where the name alone could mean several. */
export const readPlace = (typed: string | null): Named => {
  const [before, ...after] = (typed ?? '').split('/');
  if (typed === null || before === undefined) return { service: null, environment: null };
  return after.length === 0
    ? { service: before, environment: null }
    : { service: after.join('/'), environment: before };
};

/** The diagnosis of a place that no configuration names. */
export const tellUnconfigured = (parts: Services & Pick<Parts, 'clock'>, place: ServicePlace) =>
  diagnoseUnconfigured({
    ...place,
    configuredIn: parts.settings.services.flatMap((one) => (one.name === place.service ? [one.environment] : [])),
    known: parts.settings.services.map(placeKey),
    at: new Date(parts.clock.nowMs()).toISOString(),
  });
