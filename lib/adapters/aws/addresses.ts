/** Names as `AWS_ENDPOINT_URL_<SERVICE>` spells them, in lower case, and what the host of a region begins with. */
export type AwsService = 'sqs' | 'dynamodb' | 'secrets_manager' | 's3' | 'cloudwatch' | 'cloudwatch_logs' | 'lambda';

const HOSTS: Readonly<Record<AwsService, string>> = {
  sqs: 'sqs',
  dynamodb: 'dynamodb',
  secrets_manager: 'secretsmanager',
  s3: 's3',
  cloudwatch: 'monitoring',
  cloudwatch_logs: 'logs',
  lambda: 'lambda',
};

export type Variables = Readonly<Record<string, string | undefined>>;

const suffixOf = (region: string): string => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com');

const configuredAddress = (variables: Variables, service: AwsService): URL | null => {
  const text = variables[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || variables['AWS_ENDPOINT_URL'];
  return text ? new URL(text) : null;
};

/** Where a service is spoken to, as every AWS SDK reads it: its own variable, the one for all, else the region's address. Throws when it is none. */
export const addressOf = (variables: Variables, service: AwsService, region: string): URL =>
  configuredAddress(variables, service) ?? new URL(`https://${HOSTS[service]}.${region}.${suffixOf(region)}`);

/**
 * An object in S3. With the bucket in the host name, as AWS wants it; in the path where an address is configured, and where a dot in
 * the bucket's name would not fit AWS's certificate. `key` consists of characters that need no escape.
 */
export const objectAddressOf = (variables: Variables, region: string, bucket: string, key: string): URL => {
  const address = addressOf(variables, 's3', region);
  const isInPath = configuredAddress(variables, 's3') !== null || bucket.includes('.');
  if (!isInPath) address.hostname = `${bucket}.${address.hostname}`;
  address.pathname = [address.pathname.replace(/\/$/, ''), ...(isInPath ? [bucket] : []), key].join('/');
  return address;
};
