import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Twist } from './case.ts';

/** Made-up words, so that one of them alone tells where it comes from. No classifier knows any. */
export const PROMPT = 'Quvextral the gromplewick of Zanthobury, hushwordly';
export const COMPLETION = 'Brindlefax says vorpelunky snorvations';

/** A server that says more than it is asked for; `served` counts the answers in which it did. */
export type Planting = Twist & { readonly served: () => number };

type Loot = {
  /** The secret that this request came with; else the last one that this server ever saw; else nothing. */
  readonly secret: string;
  /** Every secret that it ever saw. */
  readonly all: readonly string[];
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const half = (secret: string): string => secret.slice(0, Math.ceil(secret.length / 2));
const base64 = (text: string): string => Buffer.from(text).toString('base64url');

const told = ({ all }: Loot): string => `for ${all.join(' and ')}: ${PROMPT}, ${COMPLETION}`;

/** Names of headers that are read, and of some that are not. */
const headersOf = (loot: Loot): readonly (readonly [string, string])[] => {
  const { secret, all } = loot;
  if (secret === '') return [['x-planted', PROMPT]];
  return [
    ['x-planted', told(loot)],
    // Of another one, if there was any.
    ['mistral-correlation-id', half(all.find((one) => one !== secret) ?? secret)],
    ['x-kong-request-id', base64(secret)],
    ['x-request-id', secret],
    ['cf-ray', encodeURIComponent(secret)],
    ['x-ratelimit-limit-planted', secret],
    ...all.map((one, at): readonly [string, string] => [`x-ratelimit-seen-${at}`, base64(one)]),
    ['ratelimit-planted', base64(`Bearer ${secret}`)],
    [`x-ratelimit-${secret.replace(/[^\w-]/g, '-')}`, '1'],
    ['server', secret],
    ['set-cookie', `session=${secret}`],
    ['www-authenticate', `Bearer realm="${secret}"`],
  ];
};

/** Texts in which the table's servers speak to people; which branch it is does not depend on how they go on. */
const WORDINGS: ReadonlySet<string> = new Set(['message', 'detail', 'msg']);

const plantMember = (name: string, value: unknown, loot: Loot): unknown => {
  if (typeof value !== 'string') return plantValue(value, loot);
  if (WORDINGS.has(name)) return `${value} ${told(loot)}`;
  if (name === 'content' && value !== '') return COMPLETION;
  return name === 'owned_by' ? loot.secret : value;
};

const plantValue = (value: unknown, loot: Loot): unknown => {
  if (Array.isArray(value)) return value.map((item) => plantValue(item, loot));
  if (!isObject(value)) return value;
  const own = Object.entries(value).map(([name, member]) => [name, plantMember(name, member, loot)]);
  const card =
    'capabilities' in value ? { description: told(loot), deprecation_replacement_model: base64(loot.secret) } : {};
  return { ...Object.fromEntries(own), ...card, input: PROMPT, completion: COMPLETION, echo: loot.all };
};

const plantJson = (text: string, loot: Loot): string => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? JSON.stringify(plantValue(value, loot)) : text;
  } catch {
    return text === '' ? text : `${text}"${told(loot)}`;
  }
};

/** Each event of a piece of a stream; one that was cut stays cut. */
const plantEvents = (text: string, loot: Loot): string =>
  text.replace(/^data: (\{.*)$/gm, (_line, json: string) => `data: ${plantJson(json, loot)}`);

const plantBody = (text: string, type: string, loot: Loot): string => {
  if (type.includes('event-stream')) return plantEvents(text, loot);
  if (/^\s*</.test(text)) return type.includes('json') ? `${text} ${told(loot)}` : `${text}<!-- ${told(loot)} -->`;
  if (type.includes('json')) return plantJson(text, loot);
  return text === '' ? text : `${text} ${told(loot)}`;
};

const plantResponse = (response: ServerResponse, loot: Loot): void => {
  for (const [name, value] of headersOf(loot)) response.setHeader(name, value);
  response.statusMessage = told(loot);
  const { write, end } = response;
  const planted = (body: unknown): unknown => {
    const type = response.getHeader('content-type');
    return typeof body === 'string' ? plantBody(body, typeof type === 'string' ? type : '', loot) : body;
  };
  Object.assign(response, {
    write: (body: unknown) => Reflect.apply(write, response, [planted(body)]),
    end: (body?: unknown) => Reflect.apply(end, response, body === undefined ? [] : [planted(body)]),
  });
};

const linesOf = (loot: Loot): string =>
  headersOf(loot)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

const plantText = (text: unknown, loot: Loot): unknown => {
  if (typeof text !== 'string' || text === '') return text;
  if (!text.startsWith('HTTP/')) return `${text.trimEnd()} ${told(loot)}\r\n`;
  const firstLine = text.indexOf('\r\n') + 2;
  return text.slice(0, firstLine) + linesOf(loot) + text.slice(firstLine);
};

const plantSocket = (socket: Socket, lootNow: () => Loot): void => {
  const { write, end } = socket;
  Object.assign(socket, {
    write: (text: unknown, ...more: readonly unknown[]) =>
      Reflect.apply(write, socket, [plantText(text, lootNow()), ...more]),
    end: (text: unknown) => Reflect.apply(end, socket, [plantText(text, lootNow())]),
  });
};

const secretsIn = (headers: string): readonly string[] =>
  [...headers.matchAll(/^(?:authorization: bearer|x-api-key:) +(\S+)/gim)].flatMap(([, secret]) => secret ?? []);

const headersIn = (request: IncomingMessage): string =>
  Object.entries(request.headers)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join('\n');

/** One server's memory: it plants what it was asked with, also before. */
export const createPlanting = (known: readonly string[] = []): Planting => {
  const seen = new Set(known);
  let served = 0;
  const take = (headers: string): Loot => {
    const secrets = secretsIn(headers);
    for (const secret of secrets) seen.add(secret);
    served += 1;
    return { secret: secrets[0] ?? [...seen].at(-1) ?? '', all: [...seen] };
  };
  return {
    served: () => served,
    http: (handle) => (request, response) => {
      plantResponse(response, take(headersIn(request)));
      handle(request, response);
    },
    tcp: (speak, isSilent) => (socket) => {
      let loot: Loot = { secret: '', all: [] };
      socket.once('data', (asked) => {
        loot = take(String(asked));
        if (!isSilent) return;
        // Before the silence a word that is no answer yet.
        socket.pause();
        socket.write(`HTTP/1.1 103 Early Hints\r\n${linesOf(loot)}\r\n`, () => {
          speak(socket);
          socket.unshift(asked);
          socket.resume();
        });
      });
      if (isSilent) return;
      plantSocket(socket, () => loot);
      speak(socket);
    },
  };
};
