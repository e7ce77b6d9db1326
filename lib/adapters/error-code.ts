const CODE = /^[A-Z][A-Z0-9_]{2,60}$/;

/** A code as one word: OpenSSL 3.5 names an alert `ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE`. */
export const plainCode = (code: string): string => code.replace('SSL/TLS', 'TLS');

/** The code of an error as Node names it, of two addresses that both fail the first's; null: it has none. Messages quote addresses and are not passed on. */
export const codeOfError = (error: unknown): string | null => {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = first instanceof Error && 'code' in first && typeof first.code === 'string' ? plainCode(first.code) : '';
  return CODE.test(code) ? code : null;
};
