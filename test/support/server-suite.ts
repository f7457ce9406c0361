/** The process runs in continuous integration, where nothing may be skipped. */
const IS_CI = (process.env['CI'] ?? '') !== '' && process.env['CI'] !== 'false';

/**
 * Declares a suite that needs a server program. Where the program is missing the suite is skipped with one line that says
 * so; in CI it fails instead.
 *
 * @param binary path of the program, or undefined when this machine does not have it.
 */
export function describeWithServer(server: string, binary: string | undefined, title: string, suite: () => void): void {
  if (binary !== undefined) {
    describe(title, suite);
  } else if (IS_CI) {
    describe(title, () => {
      it(`finds the programs of ${server}`, () => {
        throw new Error(`${server} is not installed, and CI skips nothing`);
      });
    });
  } else {
    process.stderr.write(`skipped: ${title} (${server} is not installed)\n`);
    describe.skip(title, suite);
  }
}
