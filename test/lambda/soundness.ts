import { verifyAudit } from '../../lib/report/audit.ts';
import { renderIncident } from '../../templates/incident.ts';
import { SLACK } from './peers.ts';
import type { Stack } from './stack.ts';
import { incidentsIn, openStackStore } from './story.ts';

/**
 * What must be true whatever happened on the way, as sentences about what is not: every incident is told in exactly one message of its
 * channel, which shows it as it is stored; its audit holds together; nothing ended as a dead letter.
 */
export const findUnsound = async (
  stack: Stack,
  channels: readonly string[] = [SLACK.channel],
): Promise<readonly string[]> => {
  const incidents = await incidentsIn(stack);
  const shown = (await Promise.all(channels.map((channel) => stack.peers.console.roots(channel)))).flat();
  const store = openStackStore(stack);
  const troubles: string[] = [];
  for (const incident of incidents) {
    const mine = shown.filter(({ metadata }) => metadata?.event_payload['incident_id'] === incident.id);
    if (mine.length !== 1) troubles.push(`${incident.id} has ${mine.length} root messages`);
    const expected = renderIncident(incident);
    for (const message of mine.filter(({ text }) => text !== expected.text))
      troubles.push(`${incident.id} shows "${message.text}" and is "${expected.text}"`);
    const audit = (await store.list('audit', `${incident.id}#`)).map(({ record }) => record);
    const check = verifyAudit(audit);
    if (!check.ok) troubles.push(`${incident.id}: the audit does not hold: ${JSON.stringify(check)}`);
  }
  const groups = Map.groupBy(incidents, ({ group }) => group);
  for (const [group, same] of groups) if (same.length > 1) troubles.push(`${same.length} incidents of ${group}`);
  const dead = await stack.count('dead');
  if (dead > 0) troubles.push(`${dead} dead letters`);
  return troubles;
};
