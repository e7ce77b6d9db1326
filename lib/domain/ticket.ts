/** What was written for the provider. It is never written over: it may have been sent, and evidence may list it. */
export type Ticket = {
  /** Of its document: `ticket.md`, then `ticket-2.md`. */
  readonly name: string;
  readonly text: string;
  /** ISO 8601 UTC. */
  readonly writtenAt: string;
  /** By which request, so that one that comes again finds its own. */
  readonly jobId: string;
};
