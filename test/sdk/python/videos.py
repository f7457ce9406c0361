"""Videos with the official Python SDK; prints what came as JSON."""

import io
import json
import tempfile
import warnings

import openai

# The service that the SDK was made for is closed; its methods say so.
warnings.simplefilter("ignore", DeprecationWarning)

client = openai.OpenAI()
MODEL = "sandbox-video"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"

created = client.videos.create(model=MODEL, prompt="a cat", seconds="2", size="854x480")
polled = client.videos.poll(created.id, poll_interval_ms=100)
whole = client.videos.create_and_poll(model=MODEL, prompt="a dog", seconds="1", size="854x480", poll_interval_ms=100)
picture = io.BytesIO(PNG)
picture.name = "猫.png"
with_picture = client.videos.create_and_poll(
    model=MODEL, prompt="a cat", seconds="1", input_reference=picture, poll_interval_ms=100
)
listed = [video.id for video in client.videos.list(limit=1)]

answer = client.videos.download_content(created.id)
content = answer.read()
with client.videos.with_streaming_response.download_content(created.id, variant="video") as response:
    with tempfile.TemporaryFile() as file:
        for chunk in response.iter_bytes(1024):
            file.write(chunk)
        file.seek(0)
        streamed = file.read()


def refused():
    try:
        client.videos.create(model=MODEL, prompt="a cat", seconds="21")
    except openai.APIStatusError as error:
        return {"class": type(error).__name__, "param": error.param, "code": error.code}


deleted = client.videos.delete(created.id)
try:
    client.videos.retrieve(created.id)
    gone = None
except openai.APIStatusError as error:
    gone = type(error).__name__

print(
    json.dumps(
        {
            "created": {
                "status": created.status,
                "seconds": created.seconds,
                "size": created.size,
                "model": created.model,
            },
            "polled": {"status": polled.status, "progress": polled.progress, "error": polled.error},
            "retrieved": client.videos.retrieve(whole.id).id == whole.id,
            "listed": {
                "newest": listed[0] == with_picture.id,
                "all": len(listed),
                "in_order": listed == [with_picture.id, whole.id, created.id],
            },
            "downloaded": {"type": answer.response.headers["content-type"], "brand": content[4:8].decode()},
            "streamed": streamed == content,
            "deleted": {"object": deleted.object, "deleted": deleted.deleted, "gone": gone},
            "with_picture": with_picture.status,
            "refused": refused(),
        }
    )
)
