/** A CloudFormation template, as far as it is known before anybody looks at a resource. */
export type Template = {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly [section: string]: unknown;
};

export type Resource = {
  readonly Type: string;
  readonly Properties?: Fields;
  readonly [attribute: string]: unknown;
};

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands at `path`, through objects and lists; undefined when something on the way is missing. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined),
    value,
  );

/** One or many, as IAM writes them. */
export const listOf = (value: unknown): readonly unknown[] => {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
};

export const resourcesOf = (template: Template, type: string): readonly (readonly [name: string, Fields])[] =>
  Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([name, resource]) => [name, resource.Properties ?? {}]);

/** `{ Ref: X }`, `{ 'Fn::GetAtt': [X, …] }`: X. */
export const nameOf = (value: unknown): string | null => {
  const name = at(value, 'Ref') ?? at(value, 'Fn::GetAtt', 0);
  return typeof name === 'string' ? name : null;
};
