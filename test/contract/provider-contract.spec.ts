import { sandboxProvider } from '../../src/providers/adapters/sandbox/sandbox.provider.js';
import { VENDORS } from '../../src/providers/adapters/vendors.js';
import { describeProvider } from './describe-provider.js';
import { fixturesOf } from './fixtures-of.js';

for (const provider of [...VENDORS, sandboxProvider('http://127.0.0.1:1')]) {
  describeProvider(provider, fixturesOf(provider.id));
}
