// The part of a build that is not compiling: puts beside the compiled code the files it reads, then writes the stamp by
// which bin/build-if-needed.mjs knows that the output is complete.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');

// What an older version was compiled from and is gone must not be found any more: providers are looked up by their folders.
for (const part of ['src', 'migrations']) {
  for (const file of readdirSync(join(DIST, part), { recursive: true, encoding: 'utf8' })) {
    const source = /^(.+)\.js(\.map)?$/.exec(file)?.[1];
    if (source !== undefined && !existsSync(join(ROOT, part, `${source}.ts`))) rmSync(join(DIST, part, file));
  }
}

cpSync(join(ROOT, 'schemas'), join(DIST, 'schemas'), { recursive: true });
cpSync(join(ROOT, 'src'), join(DIST, 'src'), {
  recursive: true,
  filter: (source) => !source.endsWith('.ts'),
});

// GraphiQL and what it needs in a browser: copied, so that a production install need not have them and no page loads anything
// from elsewhere.
const require = createRequire(import.meta.url);
const VENDOR = [
  [require.resolve('graphiql/package.json'), ['graphiql.min.js', 'graphiql.min.css']],
  [require.resolve('react/package.json'), ['umd/react.production.min.js']],
  [require.resolve('react-dom/package.json'), ['umd/react-dom.production.min.js']],
];
mkdirSync(join(DIST, 'vendor'), { recursive: true });
for (const [manifest, files] of VENDOR) {
  for (const file of files) cpSync(join(dirname(manifest), file), join(DIST, 'vendor', basename(file)));
}
writeFileSync(join(DIST, '.built'), `${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}\n`);
