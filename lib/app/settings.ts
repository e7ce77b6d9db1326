import type { Config } from '../config.ts';
import type { FlowSettings } from '../flows/parts.ts';

/** What Slack allows with room to spare: one message a second and channel, about 50 edits a minute in all. */
const PACE = { messageMs: 1_000, editMs: 2_000, editsPerMinute: 50 } as const;

/** The configuration as the flows read it. `channel` is the general one; `secretId` says where a service's key really lies. */
export const settingsOf = (
  config: Config,
  places: {
    readonly channel: string;
    readonly secretId: (configured: string) => string;
    readonly keysLiveIn: FlowSettings['keysLiveIn'];
  },
): FlowSettings => ({
  services: config.services.map((service) => ({
    ...service,
    channel: service.channel ?? places.channel,
    secretId: places.secretId(service.secretId),
  })),
  channel: places.channel,
  ...config.intervals,
  keysLiveIn: places.keysLiveIn,
  fallbackMinutes: config.mitigations.fallbackMinutes,
  approvalMinutes: config.mitigations.approvalMinutes,
  needApproval: config.mitigations.needApproval,
  mayMitigate: config.mayMitigate,
  retentionDays: config.retentionDays,
  probing: config.probing,
  modelEnds: config.modelEnds,
  pace: PACE,
});
