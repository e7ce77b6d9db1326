import { beforeAll, describe, expect, test } from 'vitest';
import { findSpecTroubles, loadSpec, type Spec } from './spec-law.ts';
import type { Fields } from './template.ts';

let spec: Spec;
beforeAll(async () => {
  spec = await loadSpec();
});

const troublesOf = (Type: string, Properties: Fields, more: Fields = {}): readonly string[] =>
  findSpecTroubles({ Resources: { It: { Type, Properties, ...more } } }, spec);

describe('a template', () => {
  test.each<readonly [what: string, type: string, properties: Fields, trouble: string]>([
    ['a misspelt property', 'AWS::SQS::Queue', { VisiblityTimeout: 60 }, 'It: knows no VisiblityTimeout'],
    ['an unknown type', 'AWS::SQS::Que', {}, 'It: there is no AWS::SQS::Que'],
    ['a missing property', 'AWS::Lambda::EventSourceMapping', {}, 'It: lacks FunctionName'],
    [
      'a misspelling in a nested type',
      'AWS::Lambda::EventSourceMapping',
      { FunctionName: 'f', ScalingConfig: { MaximumConcurency: 5 } },
      'It.ScalingConfig: knows no MaximumConcurency',
    ],
    [
      'a misspelling in a list of nested types',
      'AWS::S3::Bucket',
      { LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ExpirationDays: 1 }] } },
      'It.LifecycleConfiguration.Rules[0]: knows no ExpirationDays',
    ],
    [
      'a missing property in a nested type',
      'AWS::S3::Bucket',
      { LifecycleConfiguration: { Rules: [{ ExpirationInDays: 1 }] } },
      'It.LifecycleConfiguration.Rules[0]: lacks Status',
    ],
    ['a word for a number', 'AWS::SQS::Queue', { VisibilityTimeout: 'long' }, 'It.VisibilityTimeout: no number'],
    ['a word for a boolean', 'AWS::SQS::Queue', { FifoQueue: 'yes' }, 'It.FifoQueue: no boolean'],
    ['an object for a string', 'AWS::SQS::Queue', { QueueName: { a: 1, b: 2 } }, 'It.QueueName: no string'],
    ['a string for a list', 'AWS::SQS::QueuePolicy', { Queues: 'q', PolicyDocument: {} }, 'It.Queues: no list'],
    ['a string for an object', 'AWS::S3::Bucket', { BucketEncryption: 'AES256' }, 'It.BucketEncryption: no object'],
    [
      'a value that is not in the list',
      'AWS::S3::Bucket',
      { VersioningConfiguration: { Status: 'On' } },
      'It.VersioningConfiguration.Status: is none of its values',
    ],
    [
      'a wrong value in a map',
      'AWS::Lambda::Function',
      { Code: {}, Role: 'r', Environment: { Variables: { A: ['b'] } } },
      'It.Environment.Variables.A: no string',
    ],
    [
      'a misspelling in one branch of a condition',
      'AWS::S3::Bucket',
      { ObjectLockConfiguration: { 'Fn::If': ['C', { ObjectLock: 'Enabled' }, { Ref: 'AWS::NoValue' }] } },
      'It.ObjectLockConfiguration: knows no ObjectLock',
    ],
    ['a tag without value', 'AWS::SQS::Queue', { Tags: [{ Key: 'a' }] }, 'It.Tags[0]: no tag'],
  ])('with %s is found out', (_, type, properties, trouble) => {
    expect(troublesOf(type, properties)).toEqual([trouble]);
  });

  test('with a misspelt attribute is found out', () => {
    expect(troublesOf('AWS::SQS::Queue', {}, { DeletonPolicy: 'Retain' })).toEqual(['It: knows no DeletonPolicy']);
  });

  test('passes with intrinsic functions, and numbers as text', () => {
    const properties = { VisibilityTimeout: '60', QueueName: { Ref: 'Name' }, RedrivePolicy: { maxReceiveCount: 5 } };
    expect(troublesOf('AWS::SQS::Queue', { ...properties, Tags: [{ Key: 'a', Value: 'b' }] })).toEqual([]);
  });
});
