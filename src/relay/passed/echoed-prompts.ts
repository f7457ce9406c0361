import type { AnswerEvent, AnswerEventReader } from '../../providers/canonical/answer-events.js';
import type { CompletionsRequest } from '../../providers/canonical/completions.js';

/**
 * Takes prompts out of the text that is counted as written, where `echo` has them told again: they are paid as prompts. Prompts that came
 * as token numbers stay, since nobody knows their text. Holds the state of one answer.
 */
export class EchoedPrompts {
  private readonly prompts: readonly unknown[];
  private readonly perPrompt: number;
  /** What of a choice's prompt is still to come. */
  private readonly left = new Map<number, string>();

  constructor({ source, choiceCount }: Pick<CompletionsRequest, 'source' | 'choiceCount'>) {
    const { echo, prompt } = source.value;
    const prompts: readonly unknown[] = Array.isArray(prompt) ? prompt : [prompt];
    const hasTexts = prompts.every((each) => typeof each === 'string');
    this.prompts = echo === true && hasTexts ? prompts : [];
    this.perPrompt = choiceCount / prompts.length;
  }

  /** What of a text the model has written. @param choice counted from 0; those of the first prompt come first. */
  written(text: string, choice: number): string {
    const prompt = this.prompts[Math.floor(choice / this.perPrompt)];
    if (typeof prompt !== 'string') return text;
    const left = this.left.get(choice) ?? prompt;
    if (text.startsWith(left)) {
      this.left.set(choice, '');
      return text.slice(left.length);
    }
    const isPart = left.startsWith(text);
    this.left.set(choice, isPart ? left.slice(text.length) : '');
    return isPart ? '' : text;
  }

  /** A reader whose events go out as they are, and count what was written. */
  reader(reader: AnswerEventReader): AnswerEventReader {
    if (this.prompts.length === 0) return reader;
    return { push: (event) => reader.push(event).map((item) => this.counted(item)) };
  }

  private counted(item: AnswerEvent): AnswerEvent {
    if (item.type !== 'event') return item;
    return { ...item, texts: item.texts.map(({ choice, text }) => ({ choice, text: this.written(text, choice) })) };
  }
}
