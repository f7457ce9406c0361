import type { StreamAnswer } from '../http/write-stream.js';
import type { SpooledUpload } from '../upload/spooled-upload.js';
import type { RelayAnswer } from './relay-answer.js';

/** Deletes an upload when its answer is there. A stream may still try another channel until its first event, so its upload lives as long. */
export async function keepUntilAnswered(answer: RelayAnswer, upload: SpooledUpload): Promise<RelayAnswer> {
  if (answer.kind === 'stream') return discardAtEnd(answer, upload);
  await upload.discard();
  return answer;
}

function discardAtEnd(answer: StreamAnswer, upload: SpooledUpload): StreamAnswer {
  const { events } = answer;
  let isDiscarded = false;
  const discard = async (): Promise<void> => {
    if (isDiscarded) return;
    isDiscarded = true;
    await upload.discard();
  };
  const next = async (): Promise<IteratorResult<string, void>> => {
    try {
      const result = await events.next();
      if (result.done === true) await discard();
      return result;
    } catch (error) {
      await discard();
      throw error;
    }
  };
  const stop = async (): Promise<IteratorResult<string, void>> => {
    await events.return?.();
    await discard();
    return { done: true, value: undefined };
  };
  return { ...answer, events: { next, return: stop } };
}
