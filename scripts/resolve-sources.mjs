import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** How jest finds a file: `./thing.js` in a source means `thing.ts`. Unlike those of a name mapper, its answers are kept between suites. */
export function sync(path, options) {
  if (/^\.{1,2}\/.*\.js$/.test(path)) {
    const source = resolve(options.basedir, path.replace(/js$/, 'ts'));
    if (existsSync(source)) return source;
  }
  return options.defaultResolver(path, options);
}
