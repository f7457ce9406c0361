import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { startHub } from '../support/admin-hub.js';
import { describePermissions, describeSchema } from './describe-schema.js';
import { PROJECT_ROOT } from './project-files.js';

const hub = await startHub();
const { schema } = hub.app.get(GraphQLSchemaHost, { strict: false });
writeFileSync(join(PROJECT_ROOT, 'src/schema.gql'), describeSchema(schema));
writeFileSync(join(PROJECT_ROOT, 'docs/permissions.md'), describePermissions(schema));
await hub.close();
