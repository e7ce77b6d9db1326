import { Agent, request } from 'node:http';

/** Something that is told of alerts and tells Slack. */
export type System = {
  readonly name: string;
  /** Unique in the run; stands in the alert's name. */
  readonly idOf: (index: number) => string;
  /** Resolves with the status of the answer. */
  readonly post: (index: number) => Promise<number>;
  readonly stop: () => Promise<void>;
};

export type Poster = (body: object) => Promise<number>;

/** POSTs JSON over one kept connection, the same for every system; resolves with the status when the answer is here as a whole. */
export const createPoster = (url: string, headers: Readonly<Record<string, string>> = {}): Poster => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return (body) =>
    new Promise((resolve, reject) => {
      const bytes = Buffer.from(JSON.stringify(body));
      const sent = request(url, {
        agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': bytes.length, ...headers },
      });
      sent.once('error', reject);
      sent.once('response', (response) => {
        response.once('error', reject);
        response.once('end', () => resolve(response.statusCode ?? 0));
        response.resume();
      });
      sent.end(bytes);
    });
};

/** What a monitor says of alert `index`: a name, a service and a severity of its own group. */
export const labelsOf = (id: string, service: string): Readonly<Record<string, string>> => ({
  alertname: id,
  service,
  severity: 'critical',
  instance: '127.0.0.1:9100',
  job: 'mistral-app',
});

export const annotationsOf = (id: string) => ({ summary: `${id}: the Mistral API answers 401` });

export const serviceOf = (index: number): string => `service-${String(index).padStart(4, '0')}`;
