import { buildApp } from 'fauxqs';

/** SQS and S3 in this process, empty, on 127.0.0.1. It reads the time from `Date`. */
export const openFauxqs = async (): Promise<{ readonly url: string; readonly close: () => Promise<void> }> => {
  const app = buildApp({ logger: false });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, close: async () => app.close() };
};
