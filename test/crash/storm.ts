import { type BotPlace, type Death, killOnce, type Plan, STEPS, type Step, startBot } from './killer.ts';
import { type Monitor, type Post, STORM_ALERTS } from './monitor.ts';
import type { Running } from './processes.ts';
import { pressUntilShown, type SlackConsole } from './slack-console.ts';
import { SERVICES } from './storm-config.ts';

export const KILLS = 60;
export const KILLS_PER_STEP = 5;
/** No more deaths after this long, whatever has been reached. */
const STORM_LIMIT_MS = 235_000;
/** Bodies sent at the same time, as from several monitors. */
const CLIENTS = 6;
/** Rounds in which only alerts arrive; then people begin to press. */
const ROUNDS_OF_ALERTS = 22;
const POSTS_PER_ROUND = 5;

export type Storm = {
  readonly deaths: Readonly<Record<Death, number>>;
  readonly kills: number;
  readonly posts: number;
  readonly accepted: number;
  readonly pressed: number;
};

export type StormParts = {
  readonly place: BotPlace;
  readonly monitor: Monitor;
  readonly slack: SlackConsole;
  /** Ends the tries of monitors and people. */
  readonly signal: AbortSignal;
};

/** In the order of sending: each alert alone, then each group as a whole (a repeat of all its alerts), then one resolved per group. */
const makePosts = (): readonly Post[] => {
  const ofService = (name: string) => STORM_ALERTS.filter((alert) => alert.service === name);
  const inTurns = SERVICES[0] === undefined ? [] : ofService(SERVICES[0].name).map((_, index) => index);
  const singles = inTurns.flatMap((index) =>
    SERVICES.flatMap(({ name }) => ofService(name).slice(index, index + 1)).map(
      (alert): Post => ({ alerts: [alert], state: 'firing' }),
    ),
  );
  const groups = SERVICES.map(({ name }): Post => ({ alerts: ofService(name), state: 'firing' }));
  const resolved = SERVICES.map(({ name }): Post => ({ alerts: ofService(name).slice(-1), state: 'resolved' }));
  return [...singles, ...groups, ...resolved];
};

/** Things to do that are let loose little by little, a few at a time. Those of one name are done one after the other. */
const openGate = <T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<boolean>) => {
  const waiting = [...items];
  const running = new Set<Promise<void>>();
  let allowed = 0;
  let done = 0;
  const fill = (): void => {
    while (running.size < atOnce && allowed > 0) {
      const item = waiting.shift();
      if (item === undefined) return;
      allowed -= 1;
      const one = work(item)
        .then((isDone) => {
          if (isDone) done += 1;
        })
        .finally(() => {
          running.delete(one);
          fill();
        });
      running.add(one);
    }
  };
  return {
    allow: (more: number): void => {
      allowed += more;
      fill();
    },
    done: () => done,
    /** Not yet let loose. */
    held: () => Math.max(0, waiting.length - allowed),
    all: async (): Promise<void> => {
      while (running.size > 0) await Promise.all(running);
    },
  };
};

type Gate = ReturnType<typeof openGate>;

type Gates = { readonly sending: Gate; readonly pressing: Gate };

type Deaths = Readonly<Record<Death, number>>;

const isBehind = (deaths: Deaths, steps: readonly Step[]): boolean =>
  steps.some((step) => deaths[step] < KILLS_PER_STEP);

/** Whether somebody is likely to come to this step now. */
const isOpen = (step: Step, round: number, { sending, pressing }: Gates): boolean => {
  switch (step) {
    case 'saving':
      return sending.held() > 0;
    case 'sending':
    case 'sent':
      return true;
    case 'intended':
    case 'effected':
      return round >= ROUNDS_OF_ALERTS && pressing.held() > 0;
  }
};

/** The step that is most behind among those that are open. Every fourth death at the least is one that nobody planned. */
const choosePlan = (deaths: Deaths, round: number, gates: Gates): Plan => {
  const open = STEPS.filter((step) => isOpen(step, round, gates) || (round >= KILLS && isBehind(deaths, [step])));
  const behind = [...open].sort((one, other) => deaths[one] - deaths[other])[0];
  if (round % 4 === 3 || behind === undefined) return { at: 'anywhere', limitMs: 100 + Math.random() * 1_900 };
  return { at: behind, after: countdownOf(behind), limitMs: 4_000 };
};

/** Lets loose what the plan needs, and keeps enough of it back for as long as its step is behind. */
const letLoose = (plan: Plan, deaths: Deaths, round: number, { sending, pressing }: Gates): void => {
  const mayRunOut = isBehind(deaths, ['saving']) && sending.held() <= POSTS_PER_ROUND * KILLS_PER_STEP;
  if (plan.at === 'saving' || !mayRunOut) sending.allow(POSTS_PER_ROUND);
  const isMitigation = plan.at === 'intended' || plan.at === 'effected';
  const isSpare = round >= ROUNDS_OF_ALERTS && !isBehind(deaths, ['intended', 'effected']);
  if (isMitigation || isSpare) pressing.allow(1);
};

const countdownOf = (step: Step): number =>
  step === 'intended' || step === 'effected' ? 1 : 1 + Math.floor(Math.random() * 4);

/** Alerts and presses keep coming while the bot is killed and started again, until there were enough deaths of every kind. */
export const runStorm = async ({
  place,
  monitor,
  slack,
  signal,
}: StormParts): Promise<Storm & { readonly bot: Running }> => {
  const posts = makePosts();
  const sending = openGate(posts, CLIENTS, monitor.send);
  const pressing = openGate(SERVICES, SERVICES.length, ({ channel, mitigation, name }) =>
    pressUntilShown(
      slack,
      { channel, actionId: `mitigation.${mitigation}`, twice: name.endsWith('3') || name.endsWith('8') },
      signal,
    ),
  );
  const deaths: Record<Death, number> = { saving: 0, sending: 0, sent: 0, intended: 0, effected: 0, anywhere: 0 };
  const endMs = performance.now() + STORM_LIMIT_MS;
  const gates = { sending, pressing };
  let round = 0;
  for (; (round < KILLS || isBehind(deaths, STEPS)) && performance.now() < endMs; round += 1) {
    const plan = choosePlan(deaths, round, gates);
    letLoose(plan, deaths, round, gates);
    deaths[await killOnce(place, plan)] += 1;
  }
  // What is left is sent and pressed while the bot lives.
  const bot = startBot(place, null);
  await bot.ready;
  sending.allow(posts.length);
  pressing.allow(SERVICES.length);
  await Promise.all([sending.all(), pressing.all()]);
  return { deaths, kills: round, posts: sending.done(), accepted: monitor.accepted(), pressed: pressing.done(), bot };
};
