import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from 'graphql';
import { type FieldPolicy, listPolicies } from '../../../src/admin/graphql/guard-schema.js';

/** What a request gives to an operation. */
export type Variables = Readonly<Record<string, unknown>>;

/** A field at the top of the schema, with what it asks of the actor. */
export interface RootField {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly name: string;
  /** Such as `Query.accounts`. */
  readonly path: string;
  readonly field: GraphQLField<unknown, unknown>;
  readonly permission: NonNullable<FieldPolicy['permission']>;
}

/** A place in the variables of an operation, such as `input.id`. */
export interface InputPath {
  readonly path: readonly string[];
  /** Name of its type, without lists and marks. */
  readonly type: string;
  readonly isList: boolean;
}

/** All fields at the top of a schema. */
export function rootFields(schema: GraphQLSchema): RootField[] {
  const permissions = new Map(listPolicies(schema).map(({ field, permission }) => [field, permission]));
  return (['query', 'mutation', 'subscription'] as const).flatMap((kind) => {
    const type = rootType(schema, kind);
    return Object.values(type?.getFields() ?? {}).map((field): RootField => {
      const path = `${type?.name}.${field.name}`;
      const permission = permissions.get(path);
      if (permission === undefined) throw new Error(`${path} declares no permission`);
      return { kind, name: field.name, path, field, permission };
    });
  });
}

function rootType(schema: GraphQLSchema, kind: RootField['kind']): GraphQLObjectType | null | undefined {
  if (kind === 'query') return schema.getQueryType();
  return kind === 'mutation' ? schema.getMutationType() : schema.getSubscriptionType();
}

/** The operation that runs a root field with these variables. @param selection with its braces; empty for a scalar. */
export function operationOf({ kind, name, field }: RootField, variables: Variables, selection: string): string {
  const given = field.args.filter((arg) => arg.name in variables);
  const declared = given.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const passed = given.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  return `${kind}${declared && ` (${declared})`} { ${name}${passed && `(${passed})`} ${selection} }`;
}

/** The smallest selection of a root field. */
export function leastSelection({ field }: RootField): string {
  return isCompositeType(getNamedType(field.type)) ? '{ __typename }' : '';
}

interface Selected {
  readonly type: GraphQLNamedType;
  readonly fields: Map<string, Selected | undefined>;
}

/** A selection with every field that can be reached from a type, each type where it is nearest. */
export function fullSelection(schema: GraphQLSchema, type: GraphQLNamedType, seen: Set<string>): string {
  if (!isCompositeType(type)) return '';
  const root: Selected = { type, fields: new Map() };
  const expanded = new Set<string>();
  const queue: Selected[] = [root];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    if (expanded.has(node.type.name)) continue;
    expanded.add(node.type.name);
    if (isUnionType(node.type)) {
      for (const member of node.type.getTypes()) {
        const child: Selected = { type: member, fields: new Map() };
        node.fields.set(`... on ${member.name}`, child);
        queue.push(child);
      }
    } else if (isObjectType(node.type)) {
      for (const field of Object.values(node.type.getFields())) {
        seen.add(`${node.type.name}.${field.name}`);
        const inner = getNamedType(field.type);
        const child: Selected | undefined = isCompositeType(inner) ? { type: inner, fields: new Map() } : undefined;
        node.fields.set(field.name, child);
        if (child !== undefined) queue.push(child);
      }
    }
  }
  return print(schema, root);
}

function print(schema: GraphQLSchema, { type, fields }: Selected): string {
  if (fields.size === 0) return '{ __typename }';
  const parts = [...fields].map(([name, child]) => {
    const inner = child === undefined ? '' : print(schema, child);
    if (name.startsWith('...')) return `${name} ${inner}`;
    const field = isObjectType(type) ? type.getFields()[name] : undefined;
    if (field === undefined) throw new Error(`${type.name} has no field ${name}`);
    return `${aliasOf(schema, type, field)}${name}${nestedArguments(field)} ${inner}`;
  });
  return `{ __typename ${parts.join(' ')} }`;
}

/** Fields of two members of one union must not have one name and two types. */
function aliasOf(schema: GraphQLSchema, type: GraphQLNamedType, field: GraphQLField<unknown, unknown>): string {
  const unions = Object.values(schema.getTypeMap()).filter(isUnionType);
  const isAmbiguous = unions.some((union) => {
    const members = union.getTypes();
    if (!members.some(({ name }) => name === type.name)) return false;
    return members.some((member) => {
      const other = member.getFields()[field.name];
      return other !== undefined && String(other.type) !== String(field.type);
    });
  });
  return isAmbiguous ? `${type.name}_${field.name}: ` : '';
}

/** Arguments of a field below the top: short lists, and something for what must be given. */
export function nestedArguments(field: GraphQLField<unknown, unknown>): string {
  const given = field.args.flatMap((arg) => {
    if (arg.name === 'first') return ['first: 2'];
    return isRequiredArgument(arg) ? [`${arg.name}: ${anyValue(arg, field.name)}`] : [];
  });
  return given.length === 0 ? '' : `(${given.join(', ')})`;
}

function anyValue(arg: GraphQLArgument, field: string): string {
  const type = getNamedType(arg.type);
  const [first] = isEnumType(type) ? type.getValues() : [];
  if (first === undefined) throw new Error(`No value for the argument ${arg.name} of ${field}: add a way to make one`);
  return first.name;
}

/** Every place in the variables of a root field where a value of its own can be given, inputs within inputs included. */
export function inputPaths({ field }: RootField): InputPath[] {
  return field.args.flatMap((arg) => pathsBelow(arg, []));
}

function pathsBelow({ name, type }: GraphQLArgument | GraphQLInputField, above: readonly string[]): InputPath[] {
  const named = getNamedType(type);
  const path = [...above, name];
  if (!isInputObjectType(named)) return [{ path, type: named.name, isList: isList(type) }];
  if (above.length > 6) throw new Error(`${path.join('.')} is nested without end`);
  const inner = isList(type) ? [...path, '0'] : path;
  return Object.values(named.getFields()).flatMap((each) => pathsBelow(each, inner));
}

function isList(type: GraphQLInputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}

/** Whether a place holds an id of a row. */
export function isIdPath({ path, type }: InputPath): boolean {
  return type === 'ID' || /(^id|Ids?|^ids)$/.test(path.at(-1) ?? '');
}

/** The value at a place; undefined when nothing is given there. */
export function valueAt(variables: Variables, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined,
    variables,
  );
}

/** The variables with another value at one place. */
export function withValue(variables: Variables, [name, ...rest]: readonly string[], value: unknown): Variables {
  if (name === undefined) return variables;
  const inner = rest.length === 0 ? value : withValue((variables[name] ?? {}) as Variables, rest, value);
  if (!Array.isArray(variables[name]) || rest.length === 0) return { ...variables, [name]: inner };
  const items = [...(variables[name] as unknown[])];
  const [at, ...below] = rest;
  items[Number(at)] = below.length === 0 ? value : withValue((items[Number(at)] ?? {}) as Variables, below, value);
  return { ...variables, [name]: items };
}
