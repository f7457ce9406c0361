"""Chat, streams and tools with the official Python SDK; prints what came as JSON. Address and key are in the environment."""

import json

import openai

client = openai.OpenAI()
MESSAGES = [{"role": "user", "content": "你好"}]
QUESTION = {"role": "user", "content": "What are the weather and the time in Oslo?"}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
    for name in ("get_weather", "get_time")
]


def whole():
    completion = client.chat.completions.create(model="gpt-4", messages=MESSAGES)
    choice = completion.choices[0]
    return {
        "model": completion.model,
        "content": choice.message.content,
        "finish": choice.finish_reason,
        "tokens": completion.usage.total_tokens,
        "request_id": completion._request_id,
    }


def streamed():
    stream = client.chat.completions.create(
        model="gpt-4", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    return {
        "content": "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices),
        "pieces": len(chunks),
        "finish": [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason],
        "usage": chunks[-1].usage.total_tokens,
        "ids": len({chunk.id for chunk in chunks}),
    }


def helper():
    events = []
    with client.chat.completions.stream(model="gpt-4", messages=MESSAGES) as stream:
        for event in stream:
            if event.type != "chunk" and event.type not in events:
                events.append(event.type)
        completion = stream.get_final_completion()
    return {"events": events, "content": completion.choices[0].message.content}


def tools():
    first = client.chat.completions.create(model="gpt-4", messages=[QUESTION], tools=TOOLS)
    calls = first.choices[0].message.tool_calls
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": f"result {index}"} for index, call in enumerate(calls)
    ]
    second = client.chat.completions.create(
        model="gpt-4", messages=[QUESTION, first.choices[0].message, *results], tools=TOOLS
    )
    return {
        "names": [call.function.name for call in calls],
        "arguments": [sorted(json.loads(call.function.arguments)) for call in calls],
        "finish": first.choices[0].finish_reason,
        "answer": second.choices[0].message.content,
    }


def raw():
    response = client.chat.completions.with_raw_response.create(model="gpt-4", messages=MESSAGES)
    return {"status": response.status_code, "sandbox": response.headers.get("x-hub-sandbox")}


print(json.dumps({"whole": whole(), "streamed": streamed(), "helper": helper(), "tools": tools(), "raw": raw()}))
