import { describe, expect, test } from 'vitest';
import { ALARM_PLANTS } from './alarm-plants.ts';
import { plant } from './plant.ts';
import { findPolicyTroubles } from './policy-law.ts';
import { RESOURCE_PLANTS } from './resource-plants.ts';
import { ROLE_PLANTS } from './role-plants.ts';
import { SOUND } from './sound.ts';
import type { Template } from './template.ts';

describe('the policy of our stack', () => {
  test('has nothing to say of a sound one', () => {
    expect(findPolicyTroubles(SOUND)).toEqual([]);
  });

  test('counts what alarms cost', () => {
    const more = Array.from({ length: 3 }, (_, index) => [`More${index}`, SOUND.Resources['ErrorsAlarm']]);
    const costly: Template = { Resources: { ...SOUND.Resources, ...Object.fromEntries(more) } };
    expect(findPolicyTroubles(costly)).toContain('the stack: 11 alarms, 10 are free');
  });

  test.each([...ROLE_PLANTS, ...RESOURCE_PLANTS, ...ALARM_PLANTS])('finds %s', (_, path, value, trouble) => {
    expect(findPolicyTroubles(plant(SOUND, path, value))).toContain(trouble);
  });
});
