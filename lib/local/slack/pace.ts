import { LIMITS } from '../../../templates/limits.ts';

/** Jitter that a sender who keeps the rate exactly must be forgiven. */
const TOLERANCE_MS = 150;
const MINUTE_MS = 60_000;

export type Pace = {
  /** Both return null, or the seconds to wait. */
  readonly post: (channel: string) => number | null;
  readonly edit: () => number | null;
};

/** One message per second and channel, and about fifty edits a minute in the workspace (tier 3). */
export const openPace = (clock: { readonly nowMs: () => number }, isOn: boolean): Pace => {
  const nextPostMs = new Map<string, number>();
  let tokens: number = LIMITS.editsPerMinute;
  let filledMs = clock.nowMs();
  return {
    post: (channel) => {
      const nowMs = clock.nowMs();
      const dueMs = nextPostMs.get(channel) ?? nowMs;
      if (isOn && nowMs < dueMs - TOLERANCE_MS) return 1;
      nextPostMs.set(channel, Math.max(dueMs, nowMs) + LIMITS.messageEveryMs);
      return null;
    },
    edit: () => {
      const nowMs = clock.nowMs();
      const gained = (Math.max(0, nowMs - filledMs) * LIMITS.editsPerMinute) / MINUTE_MS;
      tokens = Math.min(LIMITS.editsPerMinute, tokens + gained);
      filledMs = nowMs;
      if (isOn && tokens < 1) return Math.ceil(((1 - tokens) * MINUTE_MS) / LIMITS.editsPerMinute / 1000);
      tokens -= 1;
      return null;
    },
  };
};
