import { sandboxProvider } from '../../src/providers/adapters/sandbox/sandbox-provider.js';
import { VENDORS } from '../../src/providers/vendors.js';
import { describeProvider } from './describe-provider.js';
import { dialectOf } from './dialects.js';
import { fixturesOf } from './fixtures-of.js';

for (const provider of [...VENDORS, sandboxProvider('http://127.0.0.1:1')]) {
  // One that makes only videos has a suite of its own in test/contract/video.
  if (provider.chat !== undefined) describeProvider(provider, fixturesOf(provider.id), dialectOf(provider.id));
}
