/** What a model is for. */
export type ModelType = 'chat' | 'embedding' | 'image' | 'video';

const EMBEDDING = /embed|^(?:bge|gte|e5|voyage|jina-clip)-/;
const IMAGE =
  /image|dall-e|^flux|seedream|cogview|kolors|stable-diffusion|^sd3|^sdxl|imagen|recraft|ideogram|t2i|imagine/;
const OTHER = /whisper|^tts|-tts|speech|transcri|rerank|moderation|realtime/;

/**
 * What a model is for, by its upstream's name for it; that one makes videos is for its provider to say. Undefined for sound, ranking
 * and the like. A name that says nothing is one for chat, which nearly all are.
 */
export function modelTypeOf(upstreamModel: string): Exclude<ModelType, 'video'> | undefined {
  const whole = upstreamModel.toLowerCase();
  const name = whole.slice(whole.lastIndexOf('/') + 1);
  if (OTHER.test(name)) return undefined;
  if (EMBEDDING.test(name)) return 'embedding';
  return IMAGE.test(name) ? 'image' : 'chat';
}
