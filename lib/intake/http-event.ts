/** As much of an API Gateway HTTP API event (payload 2.0) as our functions read; the local server makes the same. */
export type HttpEvent = {
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
  readonly requestContext: { readonly http: { readonly method: string } };
};

export type HttpResult = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Lower-case names; a header sent twice arrives as one text with a comma between. */
export type HttpHeaders = ReadonlyMap<string, string>;

export type HttpRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: HttpHeaders;
  /** The body as it was sent: signatures are computed over these, never over a decoded text. */
  readonly bytes: Uint8Array;
};

const lowerNames = (headers: HttpEvent['headers']): HttpHeaders => {
  const lower = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const key = name.toLowerCase();
    const earlier = lower.get(key);
    lower.set(key, earlier === undefined ? value : `${earlier},${value}`);
  }
  return lower;
};

export const readEvent = (event: HttpEvent): HttpRequest => ({
  method: event.requestContext.http.method.toUpperCase(),
  path: event.rawPath,
  query: new URLSearchParams(event.rawQueryString),
  headers: lowerNames(event.headers),
  bytes: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
});
