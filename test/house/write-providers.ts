// npm run docs:providers
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeProviders } from './describe-providers.js';

writeFileSync(join(import.meta.dirname, '..', '..', 'docs', 'providers.md'), `${describeProviders()}\n`);
