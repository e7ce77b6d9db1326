import { readFileSync } from 'node:fs';

/** A fenced block of a page, with the heading of level 2 that it stands under. */
type Snippet = { readonly under: string; readonly language: string; readonly text: string };

/** `page`: its name in `docs/`. */
export const readSnippets = (page: string): readonly Snippet[] => {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  return text.split(/^## /m).flatMap((section) => {
    const under = section.split('\n')[0] ?? '';
    return [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', inside = '']) => ({
      under,
      language,
      text: inside,
    }));
  });
};

/** The one block of a language, under a heading, that has this text in it. */
export const findSnippet = (page: string, under: string, language: string, having: string): string => {
  const found = readSnippets(page).filter(
    (snippet) => snippet.under === under && snippet.language === language && snippet.text.includes(having),
  );
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} snippets of ${under} have ${having}`);
  return only.text;
};

/** What a `curl … -d '…'` sends, and where. */
export const readCurl = (command: string): { readonly path: string; readonly body: unknown } => {
  const [, path = ''] = /https:\/\/BOT(\/\S+)/.exec(command) ?? [];
  const [, body = ''] = /-d '(.*)'/s.exec(command) ?? [];
  return { path, body: JSON.parse(body) };
};
