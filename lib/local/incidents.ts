import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { systemClock } from '../adapters/system.ts';
import { openState, type State } from '../app/local-state.ts';
import type { Incident } from '../domain/incident.ts';
import { formatUtc } from '../domain/utc.ts';
import { readEnvironment } from '../environment.ts';
import { readTimeline } from '../flows/write-documents.ts';
import type { Store } from '../ports/store.ts';
import { type Command, tell, tellError } from './commands.ts';
import { tellDeadLetters } from './dead-letters.ts';
import { readArguments } from './read-arguments.ts';
import { EVERYBODY, GROUPS } from './slack/workspace.ts';

/** `npm run incidents -- [ID] [--json]`: reads the local state, also while the bot runs. */
export const incidents: Command = async (args) => {
  const { values, positionals } = readArguments('npm run incidents -- [ID] [--json]', 1, () =>
    parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } }, allowPositionals: true }),
  );
  const { stateDir } = readEnvironment(process.env);
  const asJson = values.json;
  const id = positionals[0]?.toUpperCase();
  if (!existsSync(join(stateDir, 'state.sqlite'))) {
    if (asJson && id === undefined) tell('[]');
    else tellError(`There is no state in ${stateDir} yet: npm start makes it.`);
    return asJson && id === undefined ? 0 : 2;
  }
  const state = await openState(stateDir, systemClock);
  try {
    return id === undefined ? await listAll(state, asJson) : await showOne(state.store, id, asJson);
  } finally {
    await state.close();
  }
};

/** Ids begin with the day, so that beyond this many the oldest days are left out. */
const MOST = 10_000;

const listAll = async ({ store, jobs }: State, asJson: boolean): Promise<number> => {
  const found = (await store.list('incident', '', { limit: MOST, newestFirst: true })).map(({ record }) => record);
  const newestFirst = found.sort((one, other) => other.createdAt.localeCompare(one.createdAt));
  if (asJson) tell(JSON.stringify(await Promise.all(newestFirst.map((incident) => describe(store, incident)))));
  else for (const incident of newestFirst) tell(line(incident));
  if (!asJson && newestFirst.length === 0) tell('No incidents.');
  if (!asJson) for (const dead of await tellDeadLetters(jobs)) tell(dead);
  return 0;
};

const showOne = async (store: Store, id: string, asJson: boolean): Promise<number> => {
  const stored = await store.read('incident', id);
  if (!stored) {
    tellError(`There is no incident ${id}. "npm run incidents" lists them.`);
    return 2;
  }
  const timeline = await readTimeline({ store }, stored.record);
  if (asJson) {
    tell(
      JSON.stringify({
        ...(await describe(store, stored.record)),
        timeline: timeline.map(({ at, kind, actor, text }) => ({ at, kind, actor, text })),
      }),
    );
    return 0;
  }
  tell(line(stored.record));
  tell(`  ${nameMentions(stored.record.diagnosis?.cause ?? 'not diagnosed yet')}`);
  for (const entry of timeline) tell(`  ${formatUtc(entry.at)}  ${nameMentions(entry.text)}`);
  return 0;
};

/** Mentions as people read them: by name where it is somebody of the embedded Slack, else by id. */
const nameMentions = (text: string): string =>
  text.replace(
    /<(?:@|!subteam\^)([A-Z0-9]{1,31})(?:\|[^<>]*)?>/g,
    (_mention, id: string) => `@${[...EVERYBODY, ...GROUPS].find((one) => one.id === id)?.name ?? id}`,
  );

const line = (incident: Incident): string =>
  `${styleText('bold', incident.id)}  ${incident.severity}  ${incident.status.padEnd(13)}  ${incident.title.slice(0, 60)}  (${incident.service}, ${formatUtc(incident.createdAt)})`;

/** As CONTRACT.md lists the members. */
const describe = async (store: Store, incident: Incident) => {
  const root = await store.read('delivery', `${incident.id}#root`);
  return {
    id: incident.id,
    severity: incident.severity,
    status: incident.status,
    title: incident.title,
    service: incident.service,
    environment: incident.environment,
    branch: incident.diagnosis?.branch ?? null,
    alerts: incident.alerts.map(({ key, source, state, count, firstSeen, lastSeen }) => ({
      key,
      source,
      state,
      count,
      firstSeen,
      lastSeen,
    })),
    milestones: incident.milestones,
    mitigations: incident.mitigations.map(({ id, kind, state, requestedBy, approvedBy, expiresAt }) => ({
      id,
      kind,
      state,
      requestedBy,
      approvedBy,
      expiresAt,
    })),
    rootMessage: root?.record.ts ? { channel: root.record.channel, ts: root.record.ts } : null,
    drill: incident.drill,
  };
};
