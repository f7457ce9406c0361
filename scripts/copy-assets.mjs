// The part of a build that is not compiling: puts beside the compiled code the files it reads, then writes the stamp by
// which bin/build-if-needed.mjs knows that the output is complete.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');

cpSync(join(ROOT, 'schemas'), join(DIST, 'schemas'), { recursive: true });
cpSync(join(ROOT, 'src'), join(DIST, 'src'), {
  recursive: true,
  filter: (source) => !source.endsWith('.ts'),
});
writeFileSync(join(DIST, '.built'), `${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}\n`);
