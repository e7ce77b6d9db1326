import { expect, it } from 'vitest';
import { OWN_SOURCE } from '../../lib/domain/ahead.ts';
import type { Incident } from '../../lib/domain/incident.ts';
import { troubleSince } from '../../lib/triage/deploy.ts';
import { at, makeDiagnosis, makeIncident } from '../make.ts';

const own: Partial<Incident> = {
  alerts: [
    {
      key: 'key-1',
      source: OWN_SOURCE,
      title: 'A model ends soon',
      state: 'firing',
      severity: 'P4',
      count: 1,
      firstSeen: at(0),
      lastSeen: at(0),
    },
  ],
};
const problem = makeDiagnosis('problem', 'app.errors', { at: at(5_000) });
const withDeploy = (seconds: number) => ({ diagnosis: { ...problem, sinceDeploy: { at: at(seconds) } } });

it.each<readonly [string, Partial<Incident>, string | undefined]>([
  ['with its first alert', { milestones: { started: at(-60) } }, at(-60)],
  ['when it was opened, where nobody says', { milestones: {}, createdAt: at(7) }, at(7)],
  ['when it was asked anew', { milestones: { started: at(-60) }, doubtedAt: at(900) }, at(900)],
  ['now, where it was well until now', { diagnosis: problem, wellSince: at(6_000) }, undefined],
  ['now, where it only warns', own, undefined],
  ['with its deploy, where a relapse has one', { milestones: { started: at(-60) }, ...withDeploy(4_000) }, at(4_000)],
  ['with its first alert, after its deploy', { milestones: { started: at(-60) }, ...withDeploy(-600) }, at(-60)],
  ['with its deploy, where it only warned before', { ...own, ...withDeploy(4_000) }, at(4_000)],
  ['when it was asked anew, after its deploy', { ...withDeploy(4_000), doubtedAt: at(6_000) }, at(6_000)],
])('the trouble of an incident began %s', (_when, change, began) => {
  expect(troubleSince(makeIncident(change))).toBe(began);
});
