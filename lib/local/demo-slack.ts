import * as z from 'zod/mini';

const stateSchema = z.object({
  ephemerals: z.array(z.object({ text: z.string() })),
  channels: z.array(
    z.object({
      messages: z.array(
        z.object({
          text: z.string(),
          blocks: z.optional(z.unknown()),
          metadata: z.optional(z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) })),
        }),
      ),
    }),
  ),
});

/** What the embedded Slack shows to this person alone. */
export const readWhispers = async (url: string, user: string): Promise<readonly string[]> => {
  const response = await fetch(`${url}/console/state?user=${user}`);
  return stateSchema.parse(await response.json()).ephemerals.map(({ text }) => text);
};

/** First line of the incident's only root message as the embedded Slack shows it; null until it is there, with this button when one is named. */
export const readRootMessage = async (url: string, incidentId: string, actionId?: string): Promise<string | null> => {
  const response = await fetch(`${url}/console/state?user=U0MAYA`);
  const state = stateSchema.parse(await response.json());
  const roots = state.channels
    .flatMap((channel) => channel.messages)
    .filter(
      ({ metadata }) =>
        metadata?.event_type === 'mistral_incident' && metadata.event_payload['incident_id'] === incidentId,
    );
  const [root, ...others] = roots;
  if (!root || others.length > 0 || (actionId !== undefined && !JSON.stringify(root.blocks).includes(`"${actionId}"`)))
    return null;
  return actionId === undefined ? (root.text.split('\n')[0] ?? '') : `${root.text} ${JSON.stringify(root.blocks)}`;
};
