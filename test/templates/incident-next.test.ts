import { describe, expect, it } from 'vitest';
import type { Incident } from '../../lib/domain/incident.ts';
import { SAMPLE_INCIDENT } from '../../lib/local/preview-samples.ts';
import { type PlanContext, planMitigations } from '../../lib/mitigate/plan.ts';
import { diagnose } from '../../lib/triage/tree.ts';
import { renderIncident } from '../../templates/incident.ts';
import { context, readFindings } from '../triage/findings.ts';

/** The incident as it stands when this was found. */
const incidentOf = (found: string, more: Partial<PlanContext> = {}): Incident => {
  const told = diagnose(readFindings(found), { ...context(), standby: more.standby ?? 'present' });
  const plan = planMitigations(told, { standby: 'present', secretId: 'mistral/checkout', ...more });
  return { ...SAMPLE_INCIDENT, updatedAt: told.at, diagnosis: { ...told, ...plan } };
};

const actionOf = (incident: Incident): string => renderIncident(incident).text.split('*Action*: ')[1] ?? '';
const blocksOf = (incident: Incident): string => JSON.stringify(renderIncident(incident).blocks);

const STORM = 'health=ok traffic=ok{share:0.9,shareBefore:0.01,perMinute:400,perMinuteBefore:100}';

describe('the action', () => {
  it.each<readonly [string, Partial<PlanContext>, RegExp]>([
    ['all=auth.invalid_key standby=ok', {}, /^Press \*Rotate key\*\. Mistral refuses the current key; [^.]*\.$/],
    ['all=auth.invalid_key standby=ok region:eu=ok', {}, /^Press \*Rotate key\*\. [^.]*\.$/],
    [
      'all=auth.invalid_key region:eu=ok',
      {},
      /^Press \*Enable fallback\*\. .* To fix it: Use a key of the endpoint that/,
    ],
    [
      'models=ok chats=auth.invalid_key standby=ok',
      {},
      /^Press \*Enable fallback\*\. .* To fix it: Ask the refused chat/,
    ],
    [
      'all=auth.invalid_key standby=auth.invalid_key',
      {},
      /\. To fix it: Look at the organisation in the Mistral console/,
    ],
    [
      'all=auth.invalid_key',
      { standby: 'absent' },
      /\. \*Rotate key\* is not possible yet\. No standby key is kept in mis/,
    ],
    [
      'all=auth.invalid_key',
      { standby: 'absent', fallbackModels: ['spare'] },
      /^\*Rotate key\* is not possible yet\. No standby key is kept in mistral\/checkout/,
    ],
    [
      'all=provider.edge_5xx region:eu=ok',
      {},
      /^Press \*Enable fallback\*\. .* Next: Point MISTRAL_SERVER_URL at the end/,
    ],
    [
      'all=provider.edge_5xx region:eu=ok',
      { fallbackModels: ['spare'] },
      /^Point MISTRAL_SERVER_URL at the endpoint eu/,
    ],
    [`all=provider.overloaded ${STORM}`, {}, /^Cap the retries first\. Press \*Enable fallback\*\. [^.]*\.$/],
    [`all=ok ${STORM}`, {}, /^Cap the retries first\. Set `MAX_CONCURRENT_MISTRAL` of checkout-assistant/],
    [`all=auth.invalid_key standby=ok ${STORM}`, {}, /^Press \*Rotate key\*\. [^.]*\.$/],
    [
      `all=billing.payment_required ${STORM}`,
      {},
      /^Press \*Enable fallback\*\. [^.]*\. To fix it: In the Mistral console of the organisation/,
    ],
    [
      'all=config.wrong_route health=ok deploy=ok{minutesAgo:5,version:4.2.0}',
      { fallbackModels: ['spare'] },
      /^To fix it: Compare MISTRAL_SERVER_URL with the documentation\. Deploy the last good version of checkout-assistant again\./,
    ],
    [
      'all=config.wrong_route health=ok deploy=ok{minutesAgo:5,version:4.2.0}',
      {},
      /^Press \*Enable fallback\*\. .* To fix it: Compare MISTRAL_SERVER_URL with the documentation\.$/,
    ],
    ['models=auth.invalid_key chats=ok standby=ok', {}, /^Users need nothing: every model answers/],
    [
      'models=ok small=ok large=model.retired_or_unknown model:large=ok{replacedBy:large-2}',
      { fallbackModels: ['large'] },
      /^Set `MISTRAL_MODEL` of checkout-assistant to `large-2`\./,
    ],
  ])('where %s with %j', (found, more, action) => {
    expect(actionOf(incidentOf(found, more))).toMatch(action);
  });

  it('says no reason against a rotation as if it were only not possible yet', () => {
    for (const found of ['all=auth.invalid_key region:eu=ok', 'models=ok chats=auth.invalid_key standby=ok']) {
      const incident = incidentOf(found);
      expect(blocksOf(incident)).not.toContain('not possible yet');
      expect(blocksOf(incident)).toMatch(/Not offered\. \*Rotate key\*: The (?:same )?key/);
    }
    expect(blocksOf(incidentOf('models=auth.invalid_key chats=ok standby=ok'))).toContain('*Rotate key*: The same');
  });

  it('names besides nothing that is left for later once the key is another one', () => {
    const incident = incidentOf('all=auth.invalid_key standby=ok');
    const rotated = {
      id: 'LSE-1',
      kind: 'rotate-key',
      state: 'active',
      requestedBy: 'U0MAYA',
      approvedBy: null,
      expiresAt: null,
      outcome: 'The new key works.',
    } as const;
    const known = incident.diagnosis;
    expect(known?.nextSteps).toHaveLength(1);
    const later = known === null ? null : { ...known, mitigations: [] };
    for (const diagnosis of [known, later])
      expect(actionOf({ ...incident, diagnosis, status: 'mitigating', mitigations: [rotated] })).not.toContain(
        'To fix',
      );
  });
});

describe('what has no button', () => {
  it('is told with the model that answers', () => {
    expect(blocksOf(incidentOf('models=ok small=ok large=capacity.model'))).toContain(
      'Helps too, by hand: Set `MISTRAL_MODEL` of checkout-assistant to `small`.',
    );
  });
});
