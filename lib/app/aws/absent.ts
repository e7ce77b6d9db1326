import type { Parts } from '../../flows/parts.ts';
import { NO_SOURCES } from '../../ports/probe-sources.ts';

/** A function of the stack has neither the permission nor the code for what is not its work. */
class NotOfThisFunction extends Error {
  override readonly name = 'NotOfThisFunction';
}

const refuse = (what: string) => (): Promise<never> =>
  Promise.reject(new NotOfThisFunction(`${what}: another function of the stack does this`));

type Absent = Pick<
  Parts,
  | 'chat'
  | 'people'
  | 'secrets'
  | 'projection'
  | 'documents'
  | 'mistral'
  | 'health'
  | 'sources'
  | 'telemetry'
  | 'heldSecrets'
  | 'unreadSecrets'
>;

/** What each function starts from; it puts its own parts over these. */
export const ABSENT: Absent = {
  chat: { post: refuse('Slack'), edit: refuse('Slack'), find: refuse('Slack'), remove: refuse('Slack') },
  people: { whisper: refuse('Slack'), person: refuse('Slack'), groupMembers: refuse('Slack') },
  secrets: { labels: refuse('secrets'), value: refuse('secrets'), move: refuse('moving labels') },
  projection: { current: refuse('controls'), publish: refuse('controls') },
  documents: { put: refuse('documents'), get: refuse('documents') },
  mistral: {
    listModels: refuse('Mistral'),
    listWithoutKey: refuse('Mistral'),
    chatOnce: refuse('Mistral'),
    streamOnce: refuse('Mistral'),
    retrieveModel: refuse('Mistral'),
  },
  health: { get: refuse('health addresses') },
  sources: NO_SOURCES,
  telemetry: null,
  heldSecrets: refuse('redaction'),
  unreadSecrets: refuse('redaction'),
};
