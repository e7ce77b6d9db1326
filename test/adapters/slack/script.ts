import { createSlackChat } from '../../../lib/adapters/slack/chat.ts';
import { answerJson, listen } from './web-server.ts';

export type Call = { readonly method: string; readonly args: Readonly<Record<string, string>> };
type Answer = Readonly<Record<string, unknown>> & { readonly ok: boolean };
type Script = Readonly<Record<string, Answer | ((call: Call, nth: number) => Answer)>>;

/** A Web API that answers each method as the test says, for what no Slack can be brought to do, and tells what was asked. */
export const openScript = async (script: Script) => {
  const calls: Call[] = [];
  const server = await listen((seen, response) => {
    const call = { method: seen.path.replace('/api/', ''), args: Object.fromEntries(new URLSearchParams(seen.body)) };
    const nth = calls.filter((earlier) => earlier.method === call.method).length;
    calls.push(call);
    const answer = script[call.method] ?? { ok: false, error: 'unknown_method' };
    answerJson(response, 'ok' in answer ? answer : answer(call, nth));
  });
  const time = { nowMs: 1_764_000_000_000 };
  const clock = { nowMs: () => time.nowMs };
  const chat = createSlackChat({ token: 'xoxb-test-bot-token', apiUrl: `${server.url}/api`, timeoutMs: 2000, clock });
  const count = (method: string): number => calls.filter((call) => call.method === method).length;
  return { chat, calls, count, time, seen: server.seen };
};
