import type { TaskCall, TaskRef, TaskState } from '../../canonical/video.js';

const HOST = 'generativelanguage.googleapis.com';

/**
 * What a video at an address means for its task. A file of the Gemini API lies behind the key, and is asked for by its path below the
 * channel's own base URL; an address on any other host is a link that never gets the key.
 */
export function stateOfFile(uri: string, ref: TaskRef): TaskState {
  const file = fileOf(uri);
  if (file === undefined) return { state: 'succeeded', outputs: [{ url: uri }], usage: {} };
  if (ref['file'] !== file) return { state: 'follow', ref: { ...ref, file } };
  return { state: 'succeeded', outputs: [{}], usage: {} };
}

/** Asks for the file that {@link stateOfFile} has found. */
export function toFileCall({ file }: TaskRef): TaskCall {
  if (typeof file !== 'string') throw new Error('This is no reference of a task that has a file.');
  return { method: 'GET', path: file, headers: { accept: '*/*' } };
}

function fileOf(uri: string): string | undefined {
  if (!URL.canParse(uri)) return undefined;
  const { protocol, host, pathname, search } = new URL(uri);
  const [, path] = /^\/v1[a-z]*\d*(\/.+)$/.exec(pathname) ?? [];
  return protocol === 'https:' && host === HOST && path !== undefined ? path + search : undefined;
}
