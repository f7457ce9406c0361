/**
 * What .dockerignore lets into the build: the last pattern that fits a path, or a folder above it, decides.
 *
 * @param {string} text the .dockerignore file
 * @returns {(path: string) => boolean} whether a path, relative to the context, reaches the builder
 */
export function contextFilter(text) {
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ isKept: line.startsWith('!'), fits: toRegExp(line.replace(/^!/, '')) }));
  return (path) => {
    const parts = path.split('/');
    const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    let isKept = true;
    for (const pattern of patterns) {
      if (prefixes.some((prefix) => pattern.fits.test(prefix))) isKept = pattern.isKept;
    }
    return isKept;
  };
}

/** Docker's globs: unlike a shell's, `*` also fits names that begin with a dot. */
function toRegExp(glob) {
  const source = glob
    .replace(/^\/|\/$/g, '')
    .replace(/[.+^$()|{}\\]/g, '\\$&')
    .replace(/\*\*\/|\*\*|\*|\?/g, (wild) => ({ '**/': '(.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' })[wild]);
  return new RegExp(`^${source}$`);
}
