"""Eight calls at once with the asynchronous client, whole and streamed; prints their texts as JSON."""

import asyncio
import json

import openai


async def main():
    async with openai.AsyncOpenAI() as client:

        async def whole(number):
            completion = await client.chat.completions.create(
                model="gpt-4", messages=[{"role": "user", "content": f"问题{number}"}]
            )
            return completion.choices[0].message.content

        async def streamed(number):
            stream = await client.chat.completions.create(
                model="gpt-4", messages=[{"role": "user", "content": f"问题{number}"}], stream=True
            )
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

        numbers = range(4)
        answers = await asyncio.gather(*map(whole, numbers), *map(streamed, numbers))
        print(json.dumps({"whole": answers[:4], "streamed": answers[4:]}))


asyncio.run(main())
