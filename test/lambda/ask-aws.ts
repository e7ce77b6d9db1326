/** AWS's JSON protocols as they are on the wire, for peers that check no signature. Throws with the answer when it is no 2xx. */
export const askAws = async (url: string, target: string, body: object): Promise<unknown> => {
  const version = target.startsWith('secretsmanager') || target.startsWith('AmazonSSM') ? '1.1' : '1.0';
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': `application/x-amz-json-${version}`,
      'x-amz-target': target,
      // moto reads the service from here.
      authorization: `AWS4-HMAC-SHA256 Credential=test/20261120/eu-west-1/${serviceOf(target)}/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${target}: ${response.status} ${text}`);
  return text === '' ? {} : JSON.parse(text);
};

const serviceOf = (target: string): string => {
  if (target.startsWith('AmazonSQS')) return 'sqs';
  if (target.startsWith('DynamoDB')) return 'dynamodb';
  return target.startsWith('AmazonSSM') ? 'ssm' : 'secretsmanager';
};
