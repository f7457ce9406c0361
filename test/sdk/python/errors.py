"""
Makes the calls of the variable CASES, a JSON list of {"model", "key"?, "stream"?, "content"?}, and prints as JSON what
each one raised and the text that came before.
"""

import json
import os

import openai


def attempt(case):
    client = openai.OpenAI(api_key=case.get("key"), max_retries=case.get("retries", 2), timeout=20)
    messages = case.get("messages", [{"role": "user", "content": case.get("content", "Hello")}])
    text = ""
    try:
        answer = client.chat.completions.create(
            model=case["model"], messages=messages, stream=case.get("stream", False)
        )
        if case.get("stream"):
            for chunk in answer:
                text += chunk.choices[0].delta.content or ""
        return {"class": None, "text": text}
    except openai.APIError as error:
        return {
            "class": type(error).__name__,
            "status": getattr(error, "status_code", None),
            "code": error.code,
            "param": error.param,
            "type": error.type,
            "has_request_id": bool(getattr(error, "request_id", None)),
            "text": text,
        }


print(json.dumps([attempt(case) for case in json.loads(os.environ["CASES"])]))
