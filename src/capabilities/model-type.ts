/** What a model is for. */
export type ModelType =
  | 'chat'
  | 'completion'
  | 'embedding'
  | 'image'
  | 'video'
  | 'transcription'
  | 'speech'
  | 'moderation'
  | 'rerank';

const EMBEDDING = /embed|^(?:bge|gte|e5|voyage|jina-clip)-/;
const IMAGE =
  /image|dall-e|^flux|seedream|cogview|kolors|stable-diffusion|^sd3|^sdxl|imagen|recraft|ideogram|t2i|imagine/;
const RERANK = /rerank/;
const MODERATION = /moderation/;
const TRANSCRIPTION = /whisper|transcri|sensevoice|-asr|^asr/;
const SPEECH = /^tts|-tts|speech|cosyvoice|orpheus|kokoro/;
/** Those that know no chats; others that end in `-instruct` do. */
const COMPLETION = /^(?:gpt-3\.5-turbo-instruct|davinci-002|babbage-002)/;
const OTHER = /realtime/;

/**
 * What a model is for, by its upstream's name for it; that one makes videos is for its provider to say. Undefined for what is none of
 * these. A name that says nothing is one for chat, which nearly all are.
 */
export function modelTypeOf(upstreamModel: string): Exclude<ModelType, 'video'> | undefined {
  const whole = upstreamModel.toLowerCase();
  const name = whole.slice(whole.lastIndexOf('/') + 1);
  if (OTHER.test(name)) return undefined;
  if (RERANK.test(name)) return 'rerank';
  if (MODERATION.test(name)) return 'moderation';
  if (TRANSCRIPTION.test(name)) return 'transcription';
  if (SPEECH.test(name)) return 'speech';
  if (EMBEDDING.test(name)) return 'embedding';
  if (COMPLETION.test(name)) return 'completion';
  return IMAGE.test(name) ? 'image' : 'chat';
}
