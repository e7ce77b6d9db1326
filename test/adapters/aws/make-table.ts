import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { clientSettings } from '../../../lib/adapters/aws/clients.ts';
import { createSignedCall, type SignedCall } from '../../../lib/adapters/aws/signed-request.ts';
import { openStore } from '../../../lib/adapters/aws/store.ts';
import { keyOf } from '../../../lib/adapters/aws/store-item.ts';
import { TABLE } from '../../../lib/adapters/aws/table.ts';
import type { OpenedStore } from '../../contracts/store.ts';

/** Makes tables; the program itself speaks with DynamoDB by signed calls. For peers that take any key. */
export const dynamoAt = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({
    ...clientSettings({
      region: 'eu-west-1',
      credentials: () => Promise.resolve({ accessKeyId: 'test', secretAccessKey: 'test' }),
    }),
    endpoint,
  });

/** As the functions behind the queues make it, but for the address. */
export const callDynamoAt = (endpoint: string): SignedCall =>
  createSignedCall({
    variables: {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    },
    limitMs: 5_000,
    tries: 3,
  });

/** The table as the template makes it, but for TTL. Returns its name, which no other has. */
export const makeTable = async (client: DynamoDBClient): Promise<string> => {
  const name = `records-${randomUUID()}`;
  const keys = (partition: string, sort: string) => [
    { AttributeName: partition, KeyType: 'HASH' as const },
    { AttributeName: sort, KeyType: 'RANGE' as const },
  ];
  const { partitionKey, sortKey, due } = TABLE;
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: partitionKey, AttributeType: 'S' },
        { AttributeName: sortKey, AttributeType: 'S' },
        { AttributeName: due.partitionKey, AttributeType: 'S' },
        { AttributeName: due.sortKey, AttributeType: 'N' },
      ],
      KeySchema: keys(partitionKey, sortKey),
      GlobalSecondaryIndexes: [
        {
          IndexName: due.index,
          KeySchema: keys(due.partitionKey, due.sortKey),
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
  await untilActive(client, name);
  return name;
};

/** Peers need a moment as well, were it one turn of their event loop. */
const untilActive = async (client: DynamoDBClient, name: string): Promise<void> => {
  for (let asked = 0; asked < 1000; asked += 1) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    if (Table?.TableStatus === 'ACTIVE') return;
  }
  throw new Error(`table ${name} does not become active`);
};

/** Two stores on a table of their own, for the contract of Store. */
export const openTableStore = async (url: string): Promise<OpenedStore> => {
  const client = dynamoAt(url);
  const table = await makeTable(client);
  const clock = { nowMs: Date.now };
  return {
    port: openStore({ call: callDynamoAt(url), table, clock }),
    other: openStore({ call: callDynamoAt(url), table, clock }),
    plantNewer: async (kind, key) => {
      const body = { S: '{"shapeOf":"tomorrow"}' };
      const Item = { ...keyOf(kind, key), version: { N: '1' }, shape: { N: '99' }, body };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },
    close: async () => {
      client.destroy();
    },
  };
};
