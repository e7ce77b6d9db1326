import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import { at, type Fields, isFields, listOf, type Resource, type Template } from './template.ts';

/** A value's type as the resource specification writes it, as far as we read it. */
type Shape =
  | { readonly type: 'string'; readonly allowedValues?: readonly string[] }
  | { readonly type: 'number' | 'integer' | 'boolean' | 'json' | 'date-time' | 'null' | 'tag' }
  | { readonly type: 'ref'; readonly reference: { readonly $ref: string } }
  | { readonly type: 'array' | 'map'; readonly element: Shape }
  | { readonly type: 'union'; readonly types: readonly Shape[] };

type Properties = Readonly<Record<string, { readonly type: Shape; readonly required?: boolean }>>;

/** What a template may hold: properties of resource types, and of the types nested in them. */
export type Spec = {
  readonly ofResource: (type: string) => Properties | null;
  readonly ofNested: (reference: string) => Properties;
};

export const loadSpec = async (): Promise<Spec> => {
  const database = await loadAwsServiceSpec();
  return {
    ofResource: (type) => database.lookup('resource', 'cloudFormationType', 'equals', type)[0]?.properties ?? null,
    ofNested: (reference) => database.get('typeDefinition', reference).properties,
  };
};

const ATTRIBUTES = [
  ...['Type', 'Properties', 'DependsOn', 'Condition', 'Metadata'],
  ...['DeletionPolicy', 'UpdateReplacePolicy', 'CreationPolicy', 'UpdatePolicy'],
];

/** `{ Ref: … }` and the like: only CloudFormation knows what it becomes. */
const functionOf = (value: unknown): string | null => {
  const [name, second] = isFields(value) ? Object.keys(value) : [];
  return name !== undefined && second === undefined && (name === 'Ref' || name.startsWith('Fn::')) ? name : null;
};

const isNumeric = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value));

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

const checkProperties = (spec: Spec, properties: Properties, fields: Fields, path: string): readonly string[] => [
  ...Object.entries(properties)
    .filter(([name, { required }]) => required === true && fields[name] === undefined)
    .map(([name]) => `${path}: lacks ${name}`),
  ...Object.entries(fields).flatMap(([name, value]) => {
    const property = properties[name];
    if (property === undefined) return [`${path}: knows no ${name}`];
    return checkValue(spec, property.type, value, `${path}.${name}`);
  }),
];

/** The type that comes closest speaks for all. */
const checkUnion = (spec: Spec, types: readonly Shape[], value: unknown, path: string): readonly string[] =>
  types
    .map((type) => checkValue(spec, type, value, path))
    .reduce((closest, troubles) => (troubles.length < closest.length ? troubles : closest));

const isTag = (value: unknown): boolean => isFields(value) && Object.keys(value).sort().join() === 'Key,Value';

/** Types that are read without looking further, and what a value of another is not. */
const SCALARS: Readonly<Record<string, readonly [fits: (value: unknown) => boolean, name: string]>> = {
  string: [isScalar, 'string'],
  number: [isNumeric, 'number'],
  integer: [isNumeric, 'number'],
  boolean: [(value) => ['true', 'false'].includes(String(value)), 'boolean'],
  tag: [isTag, 'tag'],
  json: [(value) => isFields(value) || typeof value === 'string', 'JSON object'],
  'date-time': [(value) => typeof value === 'string', 'time'],
};

const checkScalar = (shape: Shape, value: unknown, path: string): readonly string[] => {
  const [fits, name] = SCALARS[shape.type] ?? [() => false, 'value that we can read'];
  if (!fits(value)) return [`${path}: no ${name}`];
  const isListed = shape.type !== 'string' || shape.allowedValues?.includes(String(value)) !== false;
  return isListed ? [] : [`${path}: is none of its values`];
};

const checkElements = (spec: Spec, shape: Shape, value: unknown, path: string): readonly string[] | null => {
  if (shape.type === 'array') {
    if (!Array.isArray(value)) return [`${path}: no list`];
    return value.flatMap((element, index) => checkValue(spec, shape.element, element, `${path}[${index}]`));
  }
  if (shape.type === 'map') {
    if (!isFields(value)) return [`${path}: no object`];
    return Object.entries(value).flatMap(([key, one]) => checkValue(spec, shape.element, one, `${path}.${key}`));
  }
  if (shape.type !== 'ref') return null;
  if (!isFields(value)) return [`${path}: no object`];
  return checkProperties(spec, spec.ofNested(shape.reference.$ref), value, path);
};

const checkValue = (spec: Spec, shape: Shape, value: unknown, path: string): readonly string[] => {
  if (functionOf(value) === 'Fn::If') {
    return listOf(at(value, 'Fn::If'))
      .slice(1)
      .flatMap((branch) => checkValue(spec, shape, branch, path));
  }
  if (functionOf(value) !== null) return [];
  if (shape.type === 'union') return checkUnion(spec, shape.types, value, path);
  return checkElements(spec, shape, value, path) ?? checkScalar(shape, value, path);
};

const checkResource = (spec: Spec, name: string, resource: Resource): readonly string[] => {
  const properties = spec.ofResource(resource.Type);
  if (properties === null) return [`${name}: there is no ${resource.Type}`];
  return [
    ...Object.keys(resource)
      .filter((attribute) => !ATTRIBUTES.includes(attribute))
      .map((attribute) => `${name}: knows no ${attribute}`),
    ...checkProperties(spec, properties, resource.Properties ?? {}, name),
  ];
};

/**
 * What AWS's resource specification does not know or misses, nested properties too; one line each: `Resource.Property: what is wrong`.
 * What an intrinsic function becomes is not known and passes. CloudFormation turns numbers and booleans into text and back, so they pass too.
 */
export const findSpecTroubles = (template: Template, spec: Spec): readonly string[] =>
  Object.entries(template.Resources).flatMap(([name, resource]) => checkResource(spec, name, resource));
