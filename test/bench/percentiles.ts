/** Nearest rank: the smallest value that at least this share of all values does not exceed. */
const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;

export type Summary = { readonly p50: number; readonly p95: number; readonly p99: number };

export const summarise = (values: readonly number[]): Summary => {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): number => Math.round(percentile(sorted, share) * 100) / 100;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
};

/** Columns right-aligned but the first. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
};
