import openai

client = openai.OpenAI(
    api_key="sk_live_xxx",
    base_url="https://your-hub.com/api/relay/v1"
)

# 流式输出
stream = client.chat.completions.create(
    model="gpt-4",
    messages=[{"role": "user", "content": "你好"}],
    stream=True
)

for chunk in stream:
    content = chunk.choices[0].delta.content or ""
    print(content, end="", flush=True)  # 打字机效果
