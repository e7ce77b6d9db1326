import { isDeadKey, isSlowStream, LONGEST_MS, numberFact } from '../domain/finding-facts.ts';
import { roughSeconds } from '../domain/finding-words.ts';
import { nameIn } from '../domain/plain-text.ts';
import { hasPadding, keyEnded } from './cases.ts';
import { skewOf, tellSkew } from './clues.ts';
import { hasCollapsed, waitingMs } from './impact.ts';
import { growthOf } from './retry-storm.ts';
import { dayOf, listNames } from './say.ts';
import { modelsOf, type Seen } from './seen.ts';
import { proxyOf } from './sharpen.ts';

export const STORE_PLAIN = 'Store the key without the white space around it: some clients send it as it is.';

/** A rotation is what people reach for, so it is told wherever the standby was asked. */
export const standbySteps = ({ asked }: Seen): readonly string[] =>
  isDeadKey(asked('standby')) ? ['Replace the standby key: it is refused, and a rotation to it would fail.'] : [];

/** So many times the calls of an hour ago cost as much more, whether they succeed or not. */
const REMARKABLE_GROWTH = 5;

export const clockSteps = (seen: Seen): readonly string[] => {
  const skewMs = skewOf(seen);
  return skewMs === null ? [] : [`Set our clock, which is ${tellSkew(skewMs)}, and see that it is kept by NTP.`];
};

const onLatency = ({ traffic }: Seen): readonly string[] => {
  const p95Ms = numberFact(traffic?.finding ?? null, 'p95Ms');
  const beforeMs = numberFact(traffic?.finding ?? null, 'p95MsBefore');
  if (p95Ms !== null && beforeMs !== null && beforeMs > 0 && p95Ms >= 1_000 && p95Ms > 2 * beforeMs)
    return ['Look at our own latency: the slowest calls take more than twice as long as an hour ago.'];
  return waitingMs(traffic) === null
    ? []
    : ['Look why our calls are slow: long answers take their time, and more than 5 s keep people waiting.'];
};

const onTraffic = (seen: Seen): readonly string[] => [
  ...(hasCollapsed(seen.traffic)
    ? ['Look whether users reach our service: it gets less than a tenth of the calls of an hour ago.']
    : []),
  ...((growthOf(seen.traffic) ?? 0) >= REMARKABLE_GROWTH
    ? [`Look who calls so much: our service makes ${REMARKABLE_GROWTH} times the calls of an hour ago, or more.`]
    : []),
  ...onLatency(seen),
];

/** A chat of one token usually takes well below a second. */
const REMARKABLE_CHAT_MS = 3_000;

/** The longest that a stream took that keeps people waiting, in milliseconds; null: none did. */
export const slowStreamMs = ({ mistral }: Pick<Seen, 'mistral'>): number | null => {
  const slow = mistral.filter(isSlowStream);
  return slow.length === 0 ? null : Math.max(...slow.map(({ latencyMs }) => latencyMs));
};

const onStreams = (seen: Seen): readonly string[] => {
  const slow = slowStreamMs(seen);
  return slow === null
    ? []
    : [
        `Look why streams are slow: one token took about ${roughSeconds(slow)} s, though whole answers come fast${proxyOf(seen.asked) === null ? '' : '; a proxy may hold them back'}.`,
      ];
};

const onChats = ({ mistral }: Seen): readonly string[] => {
  const slowest = Math.max(
    0,
    ...mistral.flatMap(({ name, latencyMs }) =>
      name.startsWith('chat:') && latencyMs >= REMARKABLE_CHAT_MS && latencyMs <= LONGEST_MS ? latencyMs : [],
    ),
  );
  return slowest === 0
    ? []
    : [`Watch how fast Mistral answers: one token took about ${roughSeconds(slowest)} s, usually it is under 1 s.`];
};

/** Models that answer though their cards say that they are gone. */
const onModels = ({ mistral, asked }: Seen): readonly string[] => {
  const gone = modelsOf(mistral).filter((model) => asked(`model:${model}`)?.branch?.startsWith('model.') === true);
  return gone.length === 0
    ? []
    : [`Look up what comes after ${listNames(gone)}: by the card it is gone, and it still answers.`];
};

const onKeys = (seen: Seen): readonly string[] => {
  const endedMs = keyEnded(seen);
  const dead = seen.regions.filter(isDeadKey).map(({ name }) => nameIn(name.slice('region:'.length)));
  return [
    ...standbySteps(seen),
    ...(dead.length > 0 ? [`Do not count on the endpoint ${dead.join(', ')} as a way out: it refuses our key.`] : []),
    ...(endedMs === null ? [] : [`Replace the key: it should have ended on ${dayOf(endedMs)}.`]),
    ...(hasPadding(seen) ? [STORE_PLAIN] : []),
  ];
};

/** What is not wrong yet, or does no harm yet. */
export const remarks = (seen: Seen): readonly string[] => [
  ...onKeys(seen),
  ...onModels(seen),
  ...onChats(seen),
  ...onStreams(seen),
  ...clockSteps(seen),
  ...onTraffic(seen),
];
