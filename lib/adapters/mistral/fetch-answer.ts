/** Largest answer that is read. A list of all models is about 60 kB, a chat answer of one token under 1 kB. */
const MOST_BYTES = 4_000_000;
const MOST_HOPS = 3;

/** Carries its reason as a code, as every failure of fetch does. */
const tooLarge = (): Error => Object.assign(new Error('the answer is too large'), { code: 'ANSWER_TOO_LARGE' });

const limitBytes = (mostBytes: number): TransformStream<Uint8Array, Uint8Array> => {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > mostBytes) controller.error(tooLarge());
      else controller.enqueue(chunk);
    },
  });
};

const limitBody = (response: Response, mostBytes: number): Response => {
  // A status that fetch reads but Response refuses to build, or no body: nothing to limit.
  if (response.body === null || response.status < 200 || response.status > 599) return response;
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(limitBytes(mostBytes)), { status, statusText, headers });
};

/** Where a redirect may be followed to: GET, same origin. Anything else could carry the question to an address nobody configured. */
const nextHop = (request: Request, response: Response): URL | null => {
  const location = response.headers.get('location');
  if (request.method !== 'GET' || response.status < 300 || response.status > 399 || location === null) return null;
  const target = URL.parse(location, request.url);
  return target !== null && target.origin === new URL(request.url).origin ? target : null;
};

/**
 * fetch for probes: an own connection each time (a pooled one would say nothing about the path, and may be dead), redirects within the origin
 * only, and at most `mostBytes` of an answer. Failures pass through as fetch made them.
 */
export const fetchAnswer = async (request: Request, signal: AbortSignal, mostBytes = MOST_BYTES): Promise<Response> => {
  let asked = request;
  for (let hop = 0; ; hop += 1) {
    const response = await fetch(asked, { signal });
    const target = hop < MOST_HOPS ? nextHop(asked, response) : null;
    if (target === null) return limitBody(response, mostBytes);
    await response.body?.cancel();
    asked = new Request(target, { headers: asked.headers, redirect: 'manual' });
  }
};
