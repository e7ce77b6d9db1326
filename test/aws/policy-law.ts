import { heardAlarms, soundAlarms, tabledAlarms, watchedQueues } from './alarm-rules.ts';
import { boundedDoors, boundedRuns, keptCalls, noSecrets, quietAccessLogs, soundConsumers } from './function-rules.ts';
import { producedNumbers, watchedFunctions, watchedRequests } from './producer-rules.ts';
import { closedDoors, keptLogs, soundBuckets, soundQueues, soundTables, soundTopics } from './resource-rules.ts';
import { closedRoles, fewWriters, neededExceptions, noWideAction, noWideResource, ownRoles } from './role-rules.ts';
import type { Template } from './template.ts';

const RULES: readonly ((template: Template) => readonly string[])[] = [
  ...[noWideResource, neededExceptions, noWideAction, fewWriters, closedRoles, ownRoles],
  ...[soundQueues, soundTables, soundBuckets, soundTopics, closedDoors, keptLogs],
  ...[boundedRuns, soundConsumers, keptCalls, noSecrets, quietAccessLogs, boundedDoors],
  ...[watchedQueues, tabledAlarms, heardAlarms, soundAlarms],
  ...[producedNumbers, watchedFunctions, watchedRequests],
];

/** What our stack must not be, though AWS would allow it; one line each: `Resource: what is wrong`. Exceptions stand with their rule and their reason. */
export const findPolicyTroubles = (template: Template): readonly string[] => RULES.flatMap((rule) => rule(template));
