import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import { AdminContext } from './admin-context.js';
import { type FieldPermission, PERMISSION_EXTENSION } from './allow.decorator.js';

/** A field of the schema and what it asks of the actor. */
export interface FieldPolicy {
  /** Such as `Query.accounts`. */
  readonly field: string;
  /** Undefined when nothing is declared: a mistake. */
  readonly permission: FieldPermission | undefined;
}

/** Every field of every object type with its permission, sorted; the introspection types are not ours. */
export function listPolicies(schema: GraphQLSchema): FieldPolicy[] {
  return objectTypes(schema)
    .flatMap((type) =>
      Object.values(type.getFields()).map((field) => ({
        field: `${type.name}.${field.name}`,
        permission: permissionOf(type, field),
      })),
    )
    .sort((a, b) => (a.field < b.field ? -1 : 1));
}

/**
 * Puts the permission check in front of every field of a schema, plain properties included: a type that is reached on some
 * other way, such as through a union, has the same guards.
 *
 * @throws Error naming every field without a declared permission.
 */
export function guardSchema(schema: GraphQLSchema): GraphQLSchema {
  const undeclared = listPolicies(schema).filter(({ permission }) => permission === undefined);
  if (undeclared.length > 0) {
    const names = undeclared.map(({ field }) => field).join(', ');
    throw new Error(`These fields declare no permission, so nobody may use them: ${names}`);
  }
  for (const type of objectTypes(schema)) {
    for (const field of Object.values(type.getFields())) guard(type, field);
  }
  return schema;
}

function guard(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): void {
  const permission = permissionOf(type, field) as FieldPermission;
  const { resolve = defaultFieldResolver, subscribe } = field;
  field.resolve = (source, args, context, info) => {
    (context as AdminContext).require(permission);
    return resolve(source, args, context, info);
  };
  if (subscribe === undefined) return;
  field.subscribe = (source, args, context, info) => {
    (context as AdminContext).require(permission);
    return subscribe(source, args, context, info);
  };
}

function permissionOf(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): FieldPermission | undefined {
  const declared = field.extensions[PERMISSION_EXTENSION] ?? type.extensions[PERMISSION_EXTENSION];
  return declared as FieldPermission | undefined;
}

function objectTypes(schema: GraphQLSchema): GraphQLObjectType[] {
  return Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
  );
}
