import type { HttpRequest, HttpResult } from '../lib/intake/http-event.ts';
import { verifyAlertsToken } from '../lib/intake/verify.ts';

export type Tokens = readonly string[];

/** Who may come in at the doors for machines. */
export type DoorTokens = {
  /** Whoever shows one of them is let in. null: it is not known who may be, and nobody is. */
  readonly tokens: () => Tokens | null | Promise<Tokens | null>;
  /** Asked when none of those was shown: they may have been changed a moment ago. null: they were not. */
  readonly newerTokens?: () => Promise<Tokens | null>;
};

const shows = ({ headers, query }: HttpRequest, tokens: Tokens | null): boolean =>
  verifyAlertsToken({ headers, query, tokens: tokens ?? [] });

/** Null when it is not known who may come in. */
export const isLetIn = async (door: DoorTokens, request: HttpRequest): Promise<boolean | null> => {
  const tokens = await door.tokens();
  if (tokens === null) return null;
  return shows(request, tokens) || shows(request, (await door.newerTokens?.()) ?? null);
};

export const answerJson = (
  statusCode: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): HttpResult => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
});
