const VIDEO =
  /^(?:kling|sora|veo|seedance|doubao-seedance|wan\d|minimax-h\d|t2v|i2v|vidu|gemini-omni)|video|seedance|hailuo/i;
const NOT_CHAT = /embed|^voyage-|dall-e|image|whisper|tts|audio|rerank|moderation|transcri/i;

/** What a model is for, guessed by its name; only to choose the examples that a start prints. */
export function kindOfModel(name: string): 'chat' | 'video' | 'other' {
  if (VIDEO.test(name)) return 'video';
  return NOT_CHAT.test(name) ? 'other' : 'chat';
}
