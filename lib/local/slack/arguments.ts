import { isRecord } from './validate-parts.ts';

/** The arguments of one Web API call, from a form or from JSON. In a form, structures are JSON text. */
export type Arguments = Readonly<Record<string, unknown>>;

/** null: the body is not what its content type says. */
export const parseArguments = async (
  contentType: string,
  body: Buffer,
  query: URLSearchParams,
): Promise<Arguments | null> => {
  const given = Object.fromEntries(query);
  const [media = ''] = contentType.toLowerCase().split(';');
  if (body.length === 0) return given;
  if (media.trim() === 'application/json') {
    const parsed = parseJson(body.toString('utf8'));
    return isRecord(parsed) ? { ...given, ...parsed } : null;
  }
  if (media.trim() === 'multipart/form-data') {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } })
      .formData()
      .catch(() => null);
    return form === null ? null : { ...given, ...Object.fromEntries(form) };
  }
  return { ...given, ...Object.fromEntries(new URLSearchParams(body.toString('utf8'))) };
};

/** undefined: not JSON. */
export const parseJson = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
};

/** Text and numbers alike, as forms make no difference; '' when absent. */
export const textOf = (args: Arguments, name: string): string => {
  const value = args[name];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
};

export const flagOf = (args: Arguments, name: string): boolean => {
  const value = args[name];
  return value === true || value === 1 || value === 'true' || value === '1';
};

/** A structure; undefined when absent, `invalid` when it is text that is not JSON. */
export const structureOf = (args: Arguments, name: string): { readonly value: unknown } | 'absent' | 'invalid' => {
  const value = args[name];
  if (value === undefined || value === null || value === '') return 'absent';
  if (typeof value !== 'string') return { value };
  const parsed = parseJson(value);
  return parsed === undefined ? 'invalid' : { value: parsed };
};
