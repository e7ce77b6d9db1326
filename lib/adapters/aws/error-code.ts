import type { Answer } from '../exchange.ts';

const NAME = /^[A-Za-z][A-Za-z0-9._-]{0,79}$/;

/** `com.amazonaws.sqs#QueueDoesNotExist`, `AccessDeniedException:http://…` */
const bareName = (text: string): string | null => {
  const [name = ''] = (text.split('#').at(-1) ?? '').split(':');
  return NAME.test(name) ? name : null;
};

const typeIn = (text: string): string | null => {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) return null;
    const type: unknown = Reflect.get(body, '__type') ?? Reflect.get(body, 'code');
    return typeof type === 'string' ? bareName(type) : null;
  } catch {
    return null;
  }
};

/** The name of AWS's error, wherever a service puts it: header, JSON or XML. Without one, `Http` and the status. */
export const errorCodeOf = ({ status, headers, bytes }: Answer): string => {
  const header = headers['x-amzn-errortype'];
  const text = Buffer.from(bytes.subarray(0, 10_000)).toString('utf8');
  const xml = /<Code>([^<]{1,80})<\/Code>/.exec(text)?.[1];
  return (
    (typeof header === 'string' ? bareName(header) : null) ??
    (xml === undefined ? typeIn(text) : bareName(xml)) ??
    `Http${status}`
  );
};
