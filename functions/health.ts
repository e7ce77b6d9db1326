import { type HealthParts, readHealth } from '../lib/app/health.ts';
import { type HttpEvent, type HttpResult, readEvent } from '../lib/intake/http-event.ts';

/** `GET /health` from the last routine check; asks nobody. */
export const createHealthHandler =
  (parts: HealthParts) =>
  async (event: HttpEvent): Promise<HttpResult> => {
    const { method } = readEvent(event);
    if (method !== 'GET' && method !== 'HEAD') return answer(405, { error: 'method not allowed' });
    const health = await readHealth(parts);
    return answer(health.status === 'unhealthy' ? 503 : 200, health);
  };

const answer = (statusCode: number, body: object): HttpResult => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
});
