"""Asks a question twice with the Python SDK, whole and streamed, and prints what comes. Fails when it is not an answer."""

import os
import time

import openai

client = openai.OpenAI(
    base_url=os.environ["HUB_BASE_URL"], api_key=os.environ["HUB_API_KEY"], max_retries=0, timeout=120
)
model = os.environ["HUB_MODEL"]
messages = [{"role": "user", "content": os.environ["HUB_QUESTION"]}]

answer = client.chat.completions.create(model=model, messages=messages, temperature=0, max_tokens=120)
choice = answer.choices[0]
print(f"[whole] {choice.message.content}")
print(f"  {choice.finish_reason}, {answer.usage.completion_tokens} tokens, {answer._request_id}")
assert choice.message.content.strip() and answer.model == model, "The whole answer is empty."

started_at = time.monotonic()
stream = client.chat.completions.create(
    model=model, messages=messages, temperature=0, max_tokens=120, stream=True, stream_options={"include_usage": True}
)
pieces = 0
first_ms = 0.0
finish = usage = None
print("[stream] ", end="", flush=True)
for chunk in stream:
    usage = usage or chunk.usage
    if not chunk.choices:
        continue
    finish = finish or chunk.choices[0].finish_reason
    content = chunk.choices[0].delta.content or ""
    if content:
        first_ms = first_ms or (time.monotonic() - started_at) * 1000
        pieces += 1
        print(content, end="", flush=True)
total_ms = (time.monotonic() - started_at) * 1000
print(f"\n  {finish}, {pieces} pieces, first after {first_ms:.0f} ms, all after {total_ms:.0f} ms")
print(f"  usage {usage.model_dump_json(exclude_none=True) if usage else None}", flush=True)
assert pieces > 1 and finish is not None, "The stream is not complete."
