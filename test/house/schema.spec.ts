import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import {
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';
import { guardSchema, listPolicies } from '../../src/admin/graphql/guard-schema.js';
import { startHub } from '../support/admin-hub.js';
import { type TestHub } from '../support/hub.js';
import { describePermissions, describeSchema } from './describe-schema.js';
import { PROJECT_ROOT } from './project-files.js';

/** Open to visitors, each for a reason: they are how one signs in. */
const OPEN_TO_VISITORS = ['Mutation.signIn'];

describe('the schema of the admin API', () => {
  let hub: TestHub;
  let schema: GraphQLSchema;
  beforeAll(async () => {
    hub = await startHub();
    ({ schema } = hub.app.get(GraphQLSchemaHost, { strict: false }));
  });
  afterAll(() => hub.close());

  it('is the one in src/schema.gql; if it is meant to differ, run `npm run schema`', () => {
    expect(readFileSync(join(PROJECT_ROOT, 'src/schema.gql'), 'utf8')).toBe(describeSchema(schema));
  });

  it('asks for the permissions in docs/permissions.md; if they are meant to differ, run `npm run schema`', () => {
    expect(readFileSync(join(PROJECT_ROOT, 'docs/permissions.md'), 'utf8')).toBe(describePermissions(schema));
  });

  it('declares a permission for every field', () => {
    expect(listPolicies(schema).filter(({ permission }) => permission === undefined)).toEqual([]);
  });

  it('opens to visitors only what signing in needs', () => {
    const open = listPolicies(schema).filter(
      ({ field, permission }) => /^(Query|Mutation|Subscription)\./.test(field) && permission === 'anybody',
    );
    expect(open.map(({ field }) => field)).toEqual(OPEN_TO_VISITORS);
  });

  it('explains every type, field, argument and value', () => {
    const silent: string[] = [];
    for (const type of Object.values(schema.getTypeMap())) {
      if (type.name.startsWith('__') || isSpecifiedScalarType(type)) continue;
      const isRoot = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].some(
        (root) => root === type,
      );
      if (!type.description && !isRoot) silent.push(type.name);
      if (isEnumType(type)) {
        silent.push(
          ...type
            .getValues()
            .filter((each) => !each.description)
            .map((each) => `${type.name}.${each.name}`),
        );
      }
      if (isInputObjectType(type)) {
        const fields = Object.values(type.getFields()).filter((field) => !field.description);
        silent.push(...fields.map((field) => `${type.name}.${field.name}`));
      }
      if (!isObjectType(type) && !isInterfaceType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        if (!field.description) silent.push(`${type.name}.${field.name}`);
        const args = field.args.filter((each) => !each.description);
        silent.push(...args.map((each) => `${type.name}.${field.name}(${each.name})`));
      }
    }
    expect(silent).toEqual([]);
  });

  it('writes the values of enums in upper case', () => {
    const values = Object.values(schema.getTypeMap())
      .filter(isEnumType)
      .flatMap((type) => type.getValues().map(({ name }) => ({ type: type.name, name })));
    expect(values.length).toBeGreaterThan(0);
    expect(values.filter(({ name }) => !/^[A-Z][A-Z0-9_]*$/.test(name))).toEqual([]);
  });

  it('names unions by what came of a mutation: SomethingResult', () => {
    const unions = Object.values(schema.getTypeMap()).filter(isUnionType);
    expect(unions.length).toBeGreaterThan(0);
    expect(unions.map(({ name }) => name).filter((name) => !name.endsWith('Result'))).toEqual([]);
  });
});

describe('a schema with a field that declares nothing', () => {
  it('does not start', async () => {
    const { buildSchema } = await import('graphql');
    expect(() => guardSchema(buildSchema('type Query { accounts: Int }'))).toThrow(/Query\.accounts/);
  });
});
