/**
 * The one table, on demand: both keys are text, `dueMs` is a number. The index has keys alone and only the items that have its two
 * attributes, so it costs a write only when these change. `expiresAt` is in seconds since 1970.
 */
export const TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  due: { index: 'due', partitionKey: 'dueKind', sortKey: 'dueMs' },
  expiry: 'expiresAt',
} as const;
