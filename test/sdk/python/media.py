"""Embeddings, images and models with the official Python SDK; prints what came as JSON."""

import base64
import io
import json
import urllib.request

import openai

client = openai.OpenAI()
MODEL = "text-embedding-3-small"


def png_size(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n", data[:16]
    return [int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")]


def embeddings():
    by_default = client.embeddings.create(model=MODEL, input=["你好世界", "hello"])
    as_floats = client.embeddings.create(model=MODEL, input=["你好世界", "hello"], encoding_format="float")
    return {
        "lengths": [len(item.embedding) for item in by_default.data],
        "equal": [item.embedding for item in by_default.data] == [item.embedding for item in as_floats.data],
        "tokens": by_default.usage.total_tokens,
    }


def images():
    by_url = client.images.generate(model="dall-e-3", prompt="a cute cat", size="1024x1792")
    with urllib.request.urlopen(by_url.data[0].url, timeout=10) as picture:
        fetched = png_size(picture.read())
    by_value = client.images.generate(model="dall-e-3", prompt="a cute cat", response_format="b64_json")
    data = base64.b64decode(by_value.data[0].b64_json)
    file = io.BytesIO(data)
    file.name = "猫.png"
    edited = client.images.edit(model="gpt-image-1", image=[file, ("b.png", data)], prompt="add a hat")
    return {
        "url": fetched,
        "b64_json": png_size(data),
        "edited": png_size(base64.b64decode(edited.data[0].b64_json)),
    }


def models():
    return {
        "list": [model.id for model in client.models.list()],
        "hub": client.models.retrieve("gpt-4").hub["type"],
        "retrieved": [client.models.retrieve(model).id for model in ("gpt-4", "org/model-1")],
    }


print(json.dumps({"embeddings": embeddings(), "images": images(), "models": models()}))
