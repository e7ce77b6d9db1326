import type { Arrival } from '../correlate/place-alerts.ts';
import { redact } from '../report/redact.ts';

/**
 * A monitor may put anything into an alert, also a key. Every text of an alert that is kept, and so reaches the state, Slack or evidence,
 * is redacted here; its labels are not kept. A name that the configuration holds is no secret, whatever it looks like.
 */
export const redactArrivals = (
  arrivals: readonly Arrival[],
  secrets: readonly string[],
  knownNames: readonly string[],
): readonly Arrival[] => {
  const clean = (text: string): string => redact(text, secrets);
  const cleanName = (name: string | null): string | null =>
    name === null || knownNames.includes(name) ? name : clean(name);
  return arrivals.map(({ alert, ...arrival }) => ({
    ...arrival,
    alert: {
      ...alert,
      title: clean(alert.title),
      summary: clean(alert.summary),
      service: cleanName(alert.service),
      environment: cleanName(alert.environment),
      link: cleanLink(alert.link, clean),
    },
  }));
};

/** What is no link any more without its secret is left out. */
const cleanLink = (link: string | null, clean: (text: string) => string): string | null => {
  const cleaned = link === null ? null : clean(link);
  return cleaned !== null && URL.canParse(cleaned) ? cleaned : null;
};
