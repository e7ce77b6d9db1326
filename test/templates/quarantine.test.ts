import { expect, it } from 'vitest';
import { renderQuarantine } from '../../templates/quarantine.ts';

const shown = (integration: string): string =>
  JSON.stringify(
    renderQuarantine({
      id: 'QUA-01',
      source: 'grafana',
      integration,
      acceptedAt: '2026-11-20T03:12:07.000Z',
      contentType: 'application/json',
      bytes: 812,
      why: 'no list',
    }),
  );

it('says in which file the body is kept', () => {
  expect(shown('default')).toContain('Kept as it came: `STATE_DIR/quarantine/QUA-01.body`');
});

it('names the path that the monitor posted to, with an integration only where there was one', () => {
  expect(shown('payments')).toContain('/alerts/grafana/payments.');
  expect(shown('default')).toContain('/alerts/grafana.');
  expect(shown('default')).not.toContain('default');
});
