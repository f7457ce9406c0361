import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const BUFFER_BYTES_MAX = 1024 ** 3;
/** Objects asked for at a time; their text is in memory together. */
const OBJECTS_AT_A_TIME = 500;

/**
 * Every file that is tracked, or new and not ignored, as it lies in the folder.
 *
 * @param {string} root the top folder of a repository
 * @returns {Generator<{ name: string, text: string }>} `name` is the path; bytes are read as Latin-1, which loses none
 */
export function* projectTexts(root) {
  const names = git(root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard']).toString().split('\0');
  for (const name of new Set(names)) {
    const path = join(root, name);
    if (name === '' || !existsSync(path) || lstatSync(path).isDirectory()) continue;
    const text = lstatSync(path).isSymbolicLink() ? readlinkSync(path) : readFileSync(path, 'latin1');
    yield { name, text };
  }
}

/**
 * Every version of every file, and every message, that a branch or tag leads to.
 *
 * @param {string} root
 * @returns {Generator<{ name: string, text: string }>} `name` is the object's id, with a path that a file once had
 */
export function* historyTexts(root) {
  const list = git(root, ['rev-list', '--objects', '--all', 'HEAD']).toString('latin1').split('\n').filter(Boolean);
  for (let start = 0; start < list.length; start += OBJECTS_AT_A_TIME) {
    const names = list.slice(start, start + OBJECTS_AT_A_TIME);
    const ids = names.map((line) => line.split(' ', 1)[0]).join('\n');
    const texts = splitBatch(git(root, ['cat-file', '--batch'], `${ids}\n`).toString('latin1'));
    for (const [index, { type, text }] of texts.entries()) {
      // A tree is names, all of which stand in the list; its binary ids could look like anything.
      if (type !== 'tree') yield { name: `${type} ${names[index]}`, text };
    }
  }
}

/** The objects in an answer of `git cat-file --batch`: a line with id, type and size, then the content, each. */
function splitBatch(answer) {
  const objects = [];
  for (let at = 0; at < answer.length; ) {
    const end = answer.indexOf('\n', at);
    const [id, type, size] = answer.slice(at, end).split(' ');
    if (size === undefined) throw new Error(`git cat-file: ${id} is ${type}`);
    objects.push({ type, text: answer.slice(end + 1, end + 1 + Number(size)) });
    at = end + 1 + Number(size) + 1;
  }
  return objects;
}

function git(cwd, args, input) {
  // CI may run as another user than the one who owns the files.
  const run = spawnSync('git', ['-c', 'safe.directory=*', ...args], { cwd, input, maxBuffer: BUFFER_BYTES_MAX });
  if (run.status !== 0) throw new Error(`git ${args.join(' ')}: ${run.error?.message ?? run.stderr}`);
  return run.stdout;
}
