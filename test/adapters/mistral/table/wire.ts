import { findFreePort } from '../../../free-port.ts';
import { callsTo, sending, sendingJson, speaking, type TableCase } from './case.ts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const SHORT_MS = 300;

const refuse = async () => {
  const url = `http://127.0.0.1:${await findFreePort()}`;
  return { calls: callsTo(url), url, close: () => Promise.resolve() };
};

/** Connections that break or stay silent, and answers that no parser takes. */
export const WIRE: readonly TableCase[] = [
  {
    row: '422 JSON content-type, non-JSON body',
    expected: 'content.malformed_json',
    open: sendingJson('<html>oops', 422),
  },
  { row: '407 proxy auth', expected: 'net.unknown', open: sendingJson('{}', 407) },
  { row: '200 JSON but malformed', expected: 'content.malformed_json', open: sendingJson('{"data":') },
  { row: '200 empty body JSON ct', expected: 'content.malformed_json', open: sendingJson('') },
  {
    row: 'timeout before headers (timeoutMs 300)',
    expected: 'timeout.headers',
    timeoutMs: SHORT_MS,
    open: speaking(() => undefined, true),
  },
  {
    row: 'timeout during body (headers sent, body stalls, timeoutMs 300)',
    expected: 'timeout.body_or_stream',
    timeoutMs: SHORT_MS,
    open: sending(`${HEAD}content-length: 50\r\n\r\n{`, 'stay'),
  },
  {
    row: 'connection reset before headers (RST)',
    expected: 'net.reset',
    open: speaking((socket) => socket.once('data', () => socket.resetAndDestroy()), true),
  },
  { row: 'connection closed before headers (FIN)', expected: 'net.reset', open: sending('') },
  {
    row: 'connection reset mid-body',
    expected: 'stream.cut',
    open: sending(`${HEAD}content-length: 500\r\n\r\n{"data":`, 'reset'),
  },
  {
    row: 'truncated body (FIN before content-length)',
    expected: 'stream.cut',
    open: sending(`${HEAD}content-length: 50\r\n\r\n{`),
  },
  {
    row: 'truncated chunked body',
    expected: 'stream.cut',
    open: sending(`${HEAD}transfer-encoding: chunked\r\n\r\n1\r\n{\r\n`),
  },
  { row: 'non-HTTP garbage response', expected: 'net.protocol', open: sending('SSH-2.0-OpenSSH_9.6\r\n') },
  {
    row: 'header overflow (>16KB)',
    expected: 'net.protocol',
    open: sending(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`),
  },
  { row: 'connection refused', expected: 'net.refused', open: refuse },
];
