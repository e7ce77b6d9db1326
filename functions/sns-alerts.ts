import { type AcceptParts, acceptAlerts } from './accept-alerts.ts';

/** What Lambda hands over from SNS, as much of it as is read here. */
export type SnsEvent = {
  readonly Records: readonly {
    readonly EventSource: string;
    readonly Sns: Readonly<Record<string, unknown>> & { readonly MessageId: string };
  }[];
};

/**
 * Notifications of a topic that may call this function, which AWS has checked: they need no token. What cannot be stored throws, so that
 * Lambda tries again and at last puts the event into the dead letters.
 */
export const createSnsAlertsHandler =
  (parts: AcceptParts) =>
  async (event: SnsEvent): Promise<void> => {
    const all = event.Records.map(({ Sns }) =>
      acceptAlerts(parts, {
        source: 'sns',
        integration: 'default',
        bytes: Buffer.from(JSON.stringify(Sns)),
        contentType: 'application/json',
        deliveryId: `sns-${Sns.MessageId}`,
      }),
    );
    const outcomes = await Promise.allSettled(all);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  };
