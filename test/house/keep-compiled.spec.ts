import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from '@jest/globals';

const KEEP_COMPILED = pathToFileURL(resolve(import.meta.dirname, '../../scripts/keep-compiled.mjs')).href;
const SCRIPT = `
  import v8 from 'node:v8';
  import vm from 'node:vm';
  const valueOf = async (code) => {
    const made = new vm.SourceTextModule(code, { identifier: 'one.js' });
    await made.link(() => undefined);
    await made.evaluate();
    return made.namespace.value;
  };
  const before = [await valueOf('export const value = 1'), await valueOf('export const value = 1')];
  v8.setFlagsFromString('--expose-gc');
  const after = [await valueOf('export const value = 1'), await valueOf('export const value = 2')];
  console.log(JSON.stringify([...before, ...after]));
`;

it('a module that was kept is built anew where its source, or the flags of V8, are others', () => {
  const args = ['--experimental-vm-modules', '--no-warnings', '--import', KEEP_COMPILED];
  const told = execFileSync(process.execPath, [...args, '--input-type=module', '--eval', SCRIPT], { encoding: 'utf8' });
  expect(JSON.parse(told)).toEqual([1, 1, 1, 2]);
});
