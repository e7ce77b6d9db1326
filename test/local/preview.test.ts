import { describe, expect, it } from 'vitest';
import { buildPreview } from '../../lib/local/preview.ts';

describe('the preview', () => {
  const page = buildPreview();

  it('is one page that loads nothing from anywhere', () => {
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<link|<img|<iframe|src=|@import|url\((?!["']?data:)/);
  });

  it('carries the renderer of the embedded Slack page with all it imports', () => {
    const [, json = '{}'] = /<script type="importmap">(.*?)<\/script>/s.exec(page) ?? [];
    const modules: unknown = JSON.parse(json);
    const text = JSON.stringify(modules);
    const sources = [...text.matchAll(/base64,([\w+/=]+)/g)].map((found) =>
      Buffer.from(found[1] ?? '', 'base64').toString('utf8'),
    );
    expect(text).toContain('page/blocks.js');
    const imported = sources.flatMap((source) =>
      [...source.matchAll(/from '([^']+)'/g)].map((found) => found[1] ?? ''),
    );
    expect(imported.length).toBeGreaterThan(0);
    for (const name of imported) expect(text).toContain(`"${name}"`);
  });

  it('cannot be ended early by what it shows', () => {
    expect(page.match(/<\/script>/g)).toHaveLength(3);
  });

  it('shows every kind of message and document', () => {
    for (const name of [
      'incident-new',
      'diagnosis-key-refused',
      'approval-waiting',
      'resolution',
      'verdict-healthy',
      'help',
      'status-open',
      'quarantine',
      'whisper-not-allowed',
      'postmortem.md',
      'manifest.json',
    ]) {
      expect(page).toContain(`"${name}"`);
    }
  });
});
