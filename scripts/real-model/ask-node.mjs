import OpenAI from 'openai';

/**
 * Asks a question twice with the Node SDK, whole and streamed, and prints what comes.
 *
 * @param {{ baseURL: string, apiKey: string, model: string, question: string }} target
 * @throws Error when an answer is not that of a working model.
 */
export async function askWithNode({ baseURL, apiKey, model, question }) {
  const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, timeout: 120_000 });
  const request = { model, messages: [{ role: 'user', content: question }], temperature: 0, max_tokens: 120 };

  const answer = await client.chat.completions.create(request);
  const [choice] = answer.choices;
  console.log(`[whole] ${choice.message.content}`);
  console.log(`  ${choice.finish_reason}, ${answer.usage.completion_tokens} tokens, ${answer._request_id}`);
  if (!choice.message.content?.trim() || answer.model !== model) throw new Error('The whole answer is empty.');

  const startedAt = performance.now();
  const stream = await client.chat.completions.create({
    ...request,
    stream: true,
    stream_options: { include_usage: true },
  });
  const seen = { pieces: 0, firstMs: 0, finish: undefined, usage: undefined };
  process.stdout.write('[stream] ');
  for await (const chunk of stream) {
    const content = chunk.choices[0]?.delta.content;
    if (content) {
      seen.firstMs ||= performance.now() - startedAt;
      seen.pieces++;
      process.stdout.write(content);
    }
    seen.finish ??= chunk.choices[0]?.finish_reason ?? undefined;
    seen.usage ??= chunk.usage ?? undefined;
  }
  const totalMs = performance.now() - startedAt;
  console.log(
    `\n  ${seen.finish}, ${seen.pieces} pieces, first after ${Math.round(seen.firstMs)} ms, all after ${Math.round(totalMs)} ms`,
  );
  console.log(`  usage ${JSON.stringify(seen.usage ?? null)}`);
  if (seen.pieces < 2 || seen.finish === undefined) throw new Error('The stream is not complete.');
}
