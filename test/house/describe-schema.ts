import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { listPolicies } from '../../src/admin/graphql/guard-schema.js';
import { type Permission, POLICY, type Role, reachOf } from '../../src/users/permission.js';

/** The schema of the admin API as a file: `src/schema.gql`. */
export function describeSchema(schema: GraphQLSchema): string {
  return `# The admin API. Written by \`npm run schema\`; do not edit.\n\n${printSchema(lexicographicSortSchema(schema))}\n`;
}

const ROLES: readonly Role[] = ['owner', 'admin', 'operator', 'viewer', 'member'];

/** `docs/permissions.md`: who has which permission, and what every field asks for. */
export function describePermissions(schema: GraphQLSchema): string {
  const permissions = Object.keys(POLICY) as Permission[];
  const matrix = permissions.map((permission) => {
    const cells = ROLES.map((role) => reachOf(role, permission) ?? '-');
    return `| \`${permission}\` | ${cells.join(' | ')} |`;
  });
  const fields = listPolicies(schema).map(({ field, permission }) => `| \`${field}\` | ${permission} |`);
  const roots = fields.filter((line) => /^\| `(Query|Mutation|Subscription)\./.test(line));
  const others = fields.filter((line) => !roots.includes(line));
  return [
    '# Who may do what in the admin API',
    '',
    'Written by `npm run schema` from the schema and `src/users/permission.ts`; do not edit. How it works: [admin.md](admin.md).',
    '',
    '## Roles',
    '',
    "`all`: on everybody's things. `own`: on those of the own account. `-`: not at all. A personal admin token has the permissions that it",
    'names, never more than its person.',
    '',
    `| permission | ${ROLES.join(' | ')} |`,
    `|---|${ROLES.map(() => '---').join('|')}|`,
    ...matrix,
    '',
    '## Operations',
    '',
    '| operation | needs |',
    '|---|---|',
    ...roots,
    '',
    '## Fields',
    '',
    '`anybody` stands on parts that hold nothing by themselves, such as the pages of a list: to reach one, a field above it asks for its',
    'permission.',
    '',
    '| field | needs |',
    '|---|---|',
    ...others,
    '',
  ].join('\n');
}
