import { createAlertsHandler } from '../../functions/alerts.ts';
import { createDeploymentsHandler } from '../../functions/deployments.ts';
import { createHealthHandler } from '../../functions/health.ts';
import { createSlackHandler } from '../../functions/slack.ts';
import type { HealthParts } from '../app/health.ts';
import type { Parts } from '../flows/parts.ts';
import { targetOf } from '../flows/target-of.ts';
import type { Mount, Routes } from './server.ts';

export type Doors = {
  readonly alertsTokens: readonly string[];
  readonly signingSecrets: readonly string[];
  /** The embedded Slack; null with a real one. */
  readonly mount: Mount | null;
  readonly chatHealth: NonNullable<HealthParts['chatHealth']>;
};

/** The same functions as on Lambda, behind this process's own server. */
export const makeRoutes = (parts: Parts, { alertsTokens, signingSecrets, mount, chatHealth }: Doors): Routes => ({
  alerts: createAlertsHandler({ ...parts, tokens: () => alertsTokens }),
  deployments: createDeploymentsHandler({
    ...parts,
    tokens: () => alertsTokens,
    isKnown: (place) => targetOf(parts, place) !== null,
  }),
  slack: createSlackHandler({ ...parts, signingSecrets: () => signingSecrets }),
  health: createHealthHandler({ ...parts, chatHealth }),
  mount,
  isLocalOnly: mount !== null,
});
