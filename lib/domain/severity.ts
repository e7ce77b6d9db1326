/** P1 complete outage, P2 degraded, P3 minor, P4 no user impact. */
export const SEVERITIES = ['P1', 'P2', 'P3', 'P4'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const isMoreSevere = (one: Severity, other: Severity): boolean => one < other;

export const moreSevere = (one: Severity, other: Severity): Severity => (isMoreSevere(one, other) ? one : other);

export const isSeverity = (text: string): text is Severity => (SEVERITIES as readonly string[]).includes(text);
