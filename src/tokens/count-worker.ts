import { parentPort } from 'node:worker_threads';
import { type EncodingName, encodingNamed } from './encodings.js';

/** What the hub asks of the worker. Jobs are answered in order. */
export interface CountJob {
  readonly encoding: EncodingName;
  readonly texts: readonly string[];
}

/** The thread that tokenises what would block the event loop: answers each job with its number of tokens. */
parentPort?.on('message', ({ encoding, texts }: CountJob) => {
  const counter = encodingNamed(encoding);
  let tokens = 0;
  for (const text of texts) tokens += counter.count(text);
  parentPort?.postMessage(tokens);
});
