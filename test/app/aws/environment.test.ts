import { expect, it } from 'vitest';
import { readLambdaEnvironment } from '../../../lib/app/aws/environment.ts';
import { ConfigError } from '../../../lib/config-error.ts';

const GOOD = { AWS_REGION: 'eu-west-1', TABLE_NAME: 'records', JOBS_QUEUE_URL: 'https://sqs.example.com/1/jobs' };
const NAMES = ['TABLE_NAME', 'JOBS_QUEUE_URL'] as const;

const mistakesOf = (variables: Readonly<Record<string, string | undefined>>): readonly string[] => {
  try {
    readLambdaEnvironment(variables, NAMES);
    return [];
  } catch (error) {
    return error instanceof ConfigError
      ? error.mistakes.map((mistake) => mistake.split(':')[0] ?? '')
      : ['another error'];
  }
};

it.each([
  ['nothing', {}, ['AWS_REGION', 'TABLE_NAME', 'JOBS_QUEUE_URL']],
  ['an empty name', { ...GOOD, TABLE_NAME: '' }, ['TABLE_NAME']],
  ['a queue by its name', { ...GOOD, JOBS_QUEUE_URL: 'jobs' }, ['JOBS_QUEUE_URL']],
  [
    'addresses that are none',
    { ...GOOD, SLACK_API_URL: 'slack', MISTRAL_SERVER_URL: 'ftp://a' },
    ['SLACK_API_URL', 'MISTRAL_SERVER_URL'],
  ],
  ['what other functions need', { ...GOOD, BUCKET_NAME: '' }, []],
])('names every mistake at once, and only of what is needed: %s', (_, variables, expected) => {
  expect(mistakesOf(variables)).toEqual(expected);
});

it('gives what was set, and the addresses of the real Slack and Mistral where none was', () => {
  const environment = readLambdaEnvironment({ ...GOOD, SLACK_API_URL: '' }, NAMES);
  const names = [...NAMES, 'SLACK_API_URL', 'MISTRAL_SERVER_URL'] as const;
  expect(names.map(environment)).toEqual([
    'records',
    'https://sqs.example.com/1/jobs',
    'https://slack.com/api/',
    'https://api.mistral.ai',
  ]);
});
