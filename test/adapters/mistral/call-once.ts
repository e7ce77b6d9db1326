import { createMistralCalls } from '../../../lib/adapters/mistral/calls.ts';

/** Asks each question once, as a process of its own, so that what the SDK would print or send can be seen. */
const calls = createMistralCalls({ serverUrl: process.env['PROBE_URL'] ?? '', clock: { nowMs: Date.now } });
const key = process.env['PROBE_KEY'] ?? '';
const results = [
  await calls.listModels(key, 5000),
  await calls.listWithoutKey(5000),
  await calls.retrieveModel(key, 'm', 5000),
  await calls.chatOnce(key, 'm', 5000),
  await calls.streamOnce(key, 'm', 5000),
];
process.stdout.write(results.some((result) => result.evidence?.status === undefined) ? 'not answered\n' : 'answered\n');
