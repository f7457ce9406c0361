/** The curl commands of the public API document, word for word. */
export const CURL_LINES = {
  videoSubmit: `curl -X POST https://your-hub.com/api/video/submit \\
  -H "Authorization: Bearer sk_live_xxxxxx" \\
  -H "Content-Type: application/json" \\
  -d '{"prompt":"一只猫在草地上奔跑","user_identifier":"u1"}'`,
  videoStatus: `curl "https://your-hub.com/api/video/status?jobId=job_abc123" \\
  -H "Authorization: Bearer sk_live_xxxxxx"`,
  health: 'curl https://your-hub.com/api/health',
  models: `curl "https://your-hub.com/api/relay/v1/models" \\
  -H "Authorization: Bearer sk_live_xxxxxx"`,
  chat: `curl -X POST https://your-hub.com/api/relay/v1/chat/completions \\
  -H "Authorization: Bearer sk_live_xxxxxx" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"gpt-4","messages":[{"role":"user","content":"你好"}]}'`,
  images: `curl -X POST https://your-hub.com/api/relay/v1/images/generations \\
  -H "Authorization: Bearer sk_live_xxxxxx" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"dall-e-3","prompt":"a cute cat","n":1}'`,
  embeddings: `curl -X POST https://your-hub.com/api/relay/v1/embeddings \\
  -H "Authorization: Bearer sk_live_xxxxxx" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"text-embedding-3-small","input":"你好世界"}'`,
  quota: `curl "https://your-hub.com/api/user/quota" \\
  -H "Authorization: Bearer sk_live_xxxxxx"`,
  redemption: `curl -X POST https://your-hub.com/api/user/redemption \\
  -H "Authorization: Bearer sk_live_xxxxxx" \\
  -H "Content-Type: application/json" \\
  -d '{"code":"REDEEM-XXXX-XXXX"}'`,
} as const;

/** The relayed commands, which need a key. */
export const KEYED_LINES = ['models', 'chat', 'images', 'embeddings'] as const;
