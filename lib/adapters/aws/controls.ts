import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { ControlProjection } from '../../ports/controls.ts';
import { type AwsAccess, clientSettings } from './clients.ts';
import { AwsError, classifyAwsFailure } from './failure.ts';

/** Of a standard parameter, the kind that costs nothing. */
const MAX_BYTES = 4_096;

const NAME = /^\w[\w.-]{0,62}$/;

const parameterName = (call: string, environment: string, service: string): string => {
  if (!NAME.test(environment) || !NAME.test(service)) throw new AwsError(call, 'refused', { code: 'ParameterName' });
  return `/mistral-triage/${environment}/${service}/controls`;
};

/**
 * What applications read, as the parameter `/mistral-triage/{environment}/{service}/controls`. Needs GetParameter and PutParameter.
 * Throws `AwsError`: `refused` for a name that is none and for a text of more than 4 kB.
 */
export const createControls = (access: AwsAccess = {}): ControlProjection => {
  const client = new SSMClient(clientSettings(access));
  return {
    current: async (environment, service) => {
      const call = 'ssm.GetParameter';
      try {
        const answer = await client.send(new GetParameterCommand({ Name: parameterName(call, environment, service) }));
        return answer.Parameter?.Value ?? null;
      } catch (error) {
        const failure = classifyAwsFailure(call, error);
        if (failure.failure === 'not-found') return null;
        throw failure;
      }
    },
    publish: async (environment, service, text) => {
      const call = 'ssm.PutParameter';
      const name = parameterName(call, environment, service);
      if (Buffer.byteLength(text) > MAX_BYTES) throw new AwsError(call, 'refused', { code: 'ParameterLongerThan4kB' });
      try {
        await client.send(
          new PutParameterCommand({ Name: name, Value: text, Type: 'String', Tier: 'Standard', Overwrite: true }),
        );
      } catch (error) {
        throw classifyAwsFailure(call, error);
      }
    },
  };
};
