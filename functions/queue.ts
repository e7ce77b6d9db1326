/** What Lambda hands over from SQS; the records are read elsewhere. */
export type QueueEvent = { readonly Records: readonly QueueRecord[] };

export type QueueRecord = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
};

/** Messages named here come again, and end as dead letters after their attempts; the others are forgotten by the queue. */
export type QueueResult = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] };

/** `work` never throws for a single message: it answers which of them are to come again. */
export type QueueWork = (records: readonly QueueRecord[]) => Promise<ReadonlySet<string>>;

/** `worker`, `triage` and `mitigate`: one batch of a queue. Whatever breaks the whole of it gives all of it back. */
export const createQueueHandler =
  (work: QueueWork) =>
  async (event: QueueEvent): Promise<QueueResult> => {
    const failed = await work(event.Records);
    return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
  };
