import * as z from 'zod/mini';

const stateSchema = z.object({
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

/** First line of the incident's root message as the embedded Slack shows it; null until it is there, with this button when one is named. */
export const readRootMessage = async (url: string, incidentId: string, actionId?: string): Promise<string | null> => {
  const response = await fetch(`${url}/console/state?user=U0MAYA`);
  const state = stateSchema.parse(await response.json());
  const roots = state.channels
    .flatMap((channel) => channel.messages)
    .filter(
      ({ metadata }) =>
        metadata?.event_type === 'mistral_incident' && metadata.event_payload['incident_id'] === incidentId,
    );
  const [root] = roots;
  if (!root || (actionId !== undefined && !JSON.stringify(root.blocks).includes(`"${actionId}"`))) return null;
  return actionId === undefined ? (root.text.split('\n')[0] ?? '') : `${root.text} ${JSON.stringify(root.blocks)}`;
};
