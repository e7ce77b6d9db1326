/** Slack's ts is text: seconds, a point, six digits. Inside we count whole microseconds, which sort and compare. */
export const formatTs = (micros: number): string =>
  `${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, '0')}`;

/** null: not the ts of a message. */
export const parseTs = (value: unknown): number | null => {
  const parts = typeof value === 'string' ? /^(\d{1,10})\.(\d{6})$/.exec(value) : null;
  return parts === null ? null : Number(parts[1]) * 1_000_000 + Number(parts[2]);
};

/** `oldest` and `latest` may also be whole or shorter numbers. */
export const parseBound = (value: string): number | null => {
  const parts = /^(\d{1,10})(?:\.(\d{1,6}))?$/.exec(value);
  return parts === null ? null : Number(parts[1]) * 1_000_000 + Number((parts[2] ?? '').padEnd(6, '0'));
};
