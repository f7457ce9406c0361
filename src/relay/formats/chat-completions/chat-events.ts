import type { HubError } from '../../../common/hub-error.js';
import { relayErrorBody } from '../../../common/present-error.js';
import type { ChatChunk } from '../../../providers/canonical/chat.js';
import type { Usage } from '../../../providers/canonical/usage.js';
import type { AnswerHead, ChatStreamWriter } from '../chat-format.js';

/** The events of a chat/completions stream: usage only at the end and only for those who asked. */
export class ChatEvents implements ChatStreamWriter {
  private head: AnswerHead | undefined;

  constructor(
    private readonly publicModel: string,
    private readonly includeUsage: boolean,
  ) {}

  chunk(chunk: ChatChunk, head: AnswerHead): string {
    this.head = head;
    const whole: Record<string, unknown> = {
      ...chunk,
      id: head.id,
      object: 'chat.completion.chunk',
      created: head.created,
      model: this.publicModel,
    };
    if (this.includeUsage && whole['usage'] === undefined) whole['usage'] = null;
    return `data: ${JSON.stringify(whole)}\n\n`;
  }

  tail(_usage: Usage | undefined, wire: Readonly<Record<string, unknown>> | undefined): string {
    // Without a chunk there is no answer, and so nothing to be counted.
    if (!this.includeUsage || wire === undefined || this.head === undefined) return '';
    return this.chunk({ choices: [], usage: wire }, this.head);
  }

  end(): string {
    return 'data: [DONE]\n\n';
  }

  error(error: HubError): string {
    return `data: ${relayErrorBody(error)}\n\n`;
  }
}
