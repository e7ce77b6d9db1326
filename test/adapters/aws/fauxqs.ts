import { buildApp } from 'fauxqs';

/** The characters that SQS takes in a message, as its reference lists them. */
const REFUSED = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** fauxqs looks for them in halves of characters, so it would refuse every one beyond the first 65,536, as 🚀, which AWS takes. */
const mendCharacters = async (): Promise<void> => {
  const types: unknown = await import(new URL('./sqs/sqsTypes.js', import.meta.resolve('fauxqs')).href);
  const pattern: unknown = Reflect.get(Object(types), 'INVALID_MESSAGE_BODY_CHAR');
  if (!(pattern instanceof RegExp)) throw new Error('fauxqs keeps its pattern elsewhere now');
  Object.defineProperty(pattern, 'test', { configurable: true, value: (text: string) => REFUSED.test(text) });
};

/** SQS and S3 in this process, empty, on 127.0.0.1. It reads the time from `Date`. */
export const openFauxqs = async (): Promise<{ readonly url: string; readonly close: () => Promise<void> }> => {
  await mendCharacters();
  const app = buildApp({ logger: false });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, close: async () => app.close() };
};
