import openai

client = openai.OpenAI(
    api_key="sk_live_xxxxxxxxxxxx",
    base_url="https://your-hub.com/api/relay/v1"
)

response = client.chat.completions.create(
    model="gpt-4",
    messages=[{"role": "user", "content": "你好"}]
)
print(response.choices[0].message.content)
