import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { listPolicies } from '../../../src/admin/graphql/guard-schema.js';
import { nestedArguments, type RootField } from './schema-walk.js';
import { type Caller, mayUse } from './world.js';

/** A field below the top that a caller may not see. */
export interface ClosedField {
  /** Such as `Route.purchasePrice`. */
  readonly path: string;
  readonly name: string;
  readonly typeName: string;
}

/** How a type is reached from a root field: what is around the selection of its fields. */
interface Way {
  readonly type: GraphQLNamedType;
  readonly wrap: (inner: string) => string;
}

/** The fields below the top that a caller may not see. */
export function closedFields(schema: GraphQLSchema, caller: Caller): ClosedField[] {
  return listPolicies(schema).flatMap(({ field, permission }) => {
    const [typeName = '', name = ''] = field.split('.');
    if (['Query', 'Mutation', 'Subscription'].includes(typeName)) return [];
    return permission === undefined || mayUse(caller, permission) ? [] : [{ path: field, name, typeName }];
  });
}

/**
 * The selection that reaches a closed field from a root field, by fields that the caller may see.
 * @returns undefined when there is no such way.
 */
export function selectionTo(
  schema: GraphQLSchema,
  caller: Caller,
  root: RootField,
  { typeName, name }: ClosedField,
): string | undefined {
  const permissions = new Map(listPolicies(schema).map(({ field, permission }) => [field, permission]));
  const start = getNamedType(root.field.type);
  const queue: Way[] = [{ type: start, wrap: (inner) => inner }];
  const seen = new Set([start.name]);
  const goOn = (type: GraphQLNamedType, wrap: Way['wrap']): void => {
    if (seen.has(type.name) || !isCompositeType(type)) return;
    seen.add(type.name);
    queue.push({ type, wrap });
  };
  for (let way = queue.shift(); way !== undefined; way = queue.shift()) {
    const { type, wrap } = way;
    if (isUnionType(type)) {
      for (const member of type.getTypes())
        goOn(member, (inner) => wrap(`{ __typename ... on ${member.name} ${inner} }`));
    }
    if (!isObjectType(type)) continue;
    const fields = type.getFields();
    if (type.name === typeName) return wrap(`{ ${textOf(fields[name] as GraphQLField<unknown, unknown>)} }`);
    for (const field of Object.values(fields)) {
      const permission = permissions.get(`${type.name}.${field.name}`);
      if (permission === undefined || !mayUse(caller, permission)) continue;
      const call = `${field.name}${nestedArguments(field)}`;
      goOn(getNamedType(field.type), (inner) => wrap(`{ ${call} ${inner} }`));
    }
  }
  return undefined;
}

function textOf(field: GraphQLField<unknown, unknown>): string {
  const inner = isCompositeType(getNamedType(field.type)) ? ' { __typename }' : '';
  return `${field.name}${nestedArguments(field)}${inner}`;
}
