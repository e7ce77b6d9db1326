/** Blocks and the plain text that stands for them where blocks cannot be shown. */
export type ChatMessage = { readonly text: string; readonly blocks: readonly Record<string, unknown>[] };

export type MessageMark = { readonly eventType: string; readonly payload: Readonly<Record<string, string>> };
