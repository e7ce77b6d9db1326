import type { Arrival } from '../correlate/place-alerts.ts';
import { redact } from '../report/redact.ts';

/**
 * A monitor may put anything into an alert, also a key. Of an alert's texts only the title goes further than this:
 * into the state, to Slack, into evidence.
 */
export const redactArrivals = (arrivals: readonly Arrival[], secrets: readonly string[]): readonly Arrival[] =>
  arrivals.map((arrival) => ({ ...arrival, alert: { ...arrival.alert, title: redact(arrival.alert.title, secrets) } }));
