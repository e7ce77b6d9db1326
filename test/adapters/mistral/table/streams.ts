import { answering, sending, type TableCase } from './case.ts';
import { event } from './well.ts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`;
const SHORT_MS = 400;

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

const streaming = (...parts: readonly string[]): TableCase['open'] =>
  answering((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const part of parts) response.write(part);
    response.end();
  });

const drip = answering((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const more = setInterval(() => response.write(event('t')), 100);
  response.on('close', () => clearInterval(more));
});

const cases: readonly TableCase[] = [
  { row: 'stream OK', expected: 'ok', open: streaming(event('a'), event('b', 'stop'), 'data: [DONE]\n\n') },
  {
    row: 'stream truncated cleanly: no finish_reason, no [DONE]',
    expected: 'stream.cut',
    open: streaming(event('a'), event('b')),
  },
  {
    row: 'stream cut mid-event, clean FIN with chunked end',
    expected: 'stream.cut',
    open: streaming(event('a'), event('b', 'stop').slice(0, 40)),
  },
  { row: 'stream reset mid-way (RST)', expected: 'stream.cut', open: sending(CHUNKED + chunk(event('a')), 'reset') },
  {
    row: 'stream socket FIN without chunk terminator',
    expected: 'stream.cut',
    open: sending(CHUNKED + chunk(event('a'))),
  },
  {
    row: 'stream error event data:{"object":"error",…}',
    expected: 'stream.bad_event_or_error_event',
    open: streaming(event('a'), 'data: {"object":"error","message":"overloaded","code":"3505"}\n\n'),
  },
  {
    row: 'stream malformed JSON event',
    expected: 'stream.bad_event_or_error_event',
    open: streaming(event('a'), 'data: {"id":\n\n'),
  },
  {
    row: 'stream stalls (timeoutMs 400)',
    expected: 'timeout.body_or_stream',
    timeoutMs: SHORT_MS,
    open: sending(CHUNKED + chunk(event('a')), 'stay'),
  },
  {
    row: 'stream slow but alive, longer than timeoutMs 400',
    expected: 'timeout.body_or_stream',
    timeoutMs: SHORT_MS,
    open: drip,
  },
];

/** A model that answers well when it is not asked for a stream. */
export const STREAMS: readonly TableCase[] = cases.map((one) => ({ ...one, asked: 'stream', isAlone: true }));
