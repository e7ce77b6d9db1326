/** Begins with no dot, so neither `..` nor a hidden or temporary file can be named. */
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/;

/** The parts of a document's name. Throws when the name could lead elsewhere. */
export const segmentsOf = (name: string): readonly string[] => {
  const segments = name.split('/');
  if (segments.every((segment) => SEGMENT.test(segment))) return segments;
  throw new Error(
    `${JSON.stringify(name.slice(0, 200))} is no allowed name: only parts of letters, digits, ".", "_" and "-", joined by "/"`,
  );
};
