import { describe, expect, test } from 'vitest';
import { ALARM_PLANTS } from './alarm-plants.ts';
import { plant } from './plant.ts';
import { findPolicyTroubles } from './policy-law.ts';
import { RESOURCE_PLANTS } from './resource-plants.ts';
import { ROLE_PLANTS } from './role-plants.ts';
import { SOUND } from './sound.ts';

describe('the policy of our stack', () => {
  test('has nothing to say of a sound one', () => {
    expect(findPolicyTroubles(SOUND)).toEqual([]);
  });

  test('counts what alarms cost', () => {
    const costly = plant(SOUND, ['ErrorsAlarmToo'], SOUND.Resources['ErrorsAlarm']);
    expect(findPolicyTroubles(costly)).toContain('the stack: alarms on 11 metrics, 10 are free');
  });

  test('finds an exception that nobody needs', () => {
    const others = Object.entries(SOUND.Resources).filter(([, { Type }]) => Type !== 'AWS::IAM::Role');
    const troubles = findPolicyTroubles({ Resources: Object.fromEntries(others) });
    expect(troubles).toContain('the stack: logs:GetQueryResults is an exception that nobody needs');
  });

  test.each([...ROLE_PLANTS, ...RESOURCE_PLANTS, ...ALARM_PLANTS])('finds %s', (_, path, value, trouble) => {
    expect(findPolicyTroubles(plant(SOUND, path, value))).toContain(trouble);
  });
});
