import { member, textMember } from '../simulated-vendor.js';

const GEN_TEXT = ['1280:720', '720:1280'];
const GEN = [...GEN_TEXT, '1104:832', '960:960', '832:1104', '1584:672'];
const VEO = ['1280:720', '720:1280', '1080:1920', '1920:1080'];
const SMALL = ['992:432', '864:496', '752:560', '640:640', '560:752', '496:864'];
const MIDDLE = ['1470:630', '1280:720', '1112:834', '960:960', '834:1112', '720:1280'];
const FULL = ['2206:946', '1920:1080', '1664:1248', '1440:1440', '1248:1664', '1080:1920'];
const ULTRA = ['3840:1646', '3840:2160', '3840:2880', '3840:3840', '2880:3840', '2160:3840'];
const SEED_MAX = 4_294_967_295;

interface Model {
  readonly text?: readonly string[];
  readonly image: readonly string[];
  readonly hasAudio?: boolean;
  readonly hasLast?: boolean;
  readonly hasNegative?: boolean;
  readonly isOwn?: boolean;
  readonly chars: number;
  isLength(seconds: number): boolean;
}

const from =
  (min: number, max: number) =>
  (seconds: number): boolean =>
    seconds >= min && seconds <= max;
const VEO_MODEL: Model = {
  text: VEO,
  image: VEO,
  hasAudio: true,
  hasLast: true,
  hasNegative: true,
  chars: 1_000,
  isLength: (seconds) => [4, 6, 8].includes(seconds),
};
const SEEDANCE: Model = {
  text: [...SMALL, ...MIDDLE],
  image: [...SMALL, ...MIDDLE],
  hasAudio: true,
  hasLast: true,
  chars: 3_500,
  isLength: from(4, 15),
};
const MODELS: Readonly<Record<string, Model>> = {
  'gen4.5': { text: GEN_TEXT, image: GEN, isOwn: true, chars: 1_000, isLength: from(2, 10) },
  gen4_turbo: { image: GEN, isOwn: true, chars: 1_000, isLength: from(2, 10) },
  'veo3.1': VEO_MODEL,
  'veo3.1_fast': VEO_MODEL,
  seedance2: {
    ...SEEDANCE,
    text: [...SMALL, ...MIDDLE, ...FULL, ...ULTRA],
    image: [...SMALL, ...MIDDLE, ...FULL, ...ULTRA],
  },
  seedance2_fast: SEEDANCE,
  seedance2_mini: SEEDANCE,
  gemini_omni_flash: { text: GEN_TEXT, image: GEN_TEXT, chars: 2_500, isLength: from(3, 10) },
};

/** The field of a submission that is wrong; undefined when it is well. */
export function runwayFault(kind: 'text' | 'image', body: unknown): string | undefined {
  const name = textMember(body, 'model');
  const model = Object.hasOwn(MODELS, name) ? MODELS[name] : undefined;
  const ratios = model?.[kind];
  if (model === undefined || ratios === undefined) return 'model';
  const prompt = textMember(body, 'promptText');
  if (prompt.length > model.chars) return 'promptText';
  if (prompt === '' && (kind === 'text' || name === 'gen4.5')) return 'promptText';
  if (!ratios.includes(textMember(body, 'ratio'))) return 'ratio';
  const duration = member(body, 'duration');
  if (!Number.isInteger(duration) || !model.isLength(Number(duration))) return 'duration';
  return extraFault(model, body) ?? (kind === 'image' ? pictureFault(model, body) : undefined);
}

function extraFault(model: Model, body: unknown): string | undefined {
  const audio = member(body, 'audio');
  if (audio !== undefined && (model.hasAudio !== true || typeof audio !== 'boolean')) return 'audio';
  if (member(body, 'negativePrompt') !== undefined && model.hasNegative !== true) return 'negativePrompt';
  const seed = member(body, 'seed');
  const isSeed = model.isOwn === true && Number.isInteger(seed) && Number(seed) >= 0 && Number(seed) <= SEED_MAX;
  if (seed !== undefined && !isSeed) return 'seed';
  const moderation = member(body, 'contentModeration');
  if (moderation === undefined) return undefined;
  return model.isOwn === true && ['auto', 'low'].includes(textMember(moderation, 'publicFigureThreshold'))
    ? undefined
    : 'contentModeration';
}

function pictureFault(model: Model, body: unknown): string | undefined {
  const given = member(body, 'promptImage');
  const list: readonly unknown[] = Array.isArray(given) ? given : [{ uri: given, position: 'first' }];
  const isGood = list.every((one) => {
    const position = textMember(one, 'position');
    const isPlace = position === 'first' || (position === 'last' && model.hasLast === true);
    return isPlace && /^(?:https:\/\/|data:image\/[a-z]+;base64,\S)/.test(textMember(one, 'uri'));
  });
  return isGood && list.some((one) => textMember(one, 'position') === 'first') ? undefined : 'promptImage';
}

const PICTURE_SIZES = [
  '1024:1024',
  '1080:1080',
  '1168:880',
  '1360:768',
  '1440:1080',
  '1080:1440',
  '1808:768',
  '1920:1080',
  '1080:1920',
  '2112:912',
  '1280:720',
  '720:1280',
  '720:720',
  '960:720',
  '720:960',
  '1680:720',
];

/** The same for a picture. */
export function runwayPictureFault(body: unknown): string | undefined {
  const model = textMember(body, 'model');
  if (model !== 'gen4_image' && model !== 'gen4_image_turbo') return 'model';
  const prompt = textMember(body, 'promptText');
  if (prompt === '' || prompt.length > 1_000) return 'promptText';
  if (!PICTURE_SIZES.includes(textMember(body, 'ratio'))) return 'ratio';
  const references = member(body, 'referenceImages') ?? [];
  const least = model === 'gen4_image_turbo' ? 1 : 0;
  const isGood = (one: unknown) => /^(?:https:\/\/|data:image\/[a-z]+;base64,\S)/.test(textMember(one, 'uri'));
  if (!Array.isArray(references) || references.length < least || references.length > 3 || !references.every(isGood))
    return 'referenceImages';
  return extraFault({ image: [], isOwn: true, chars: 1_000, isLength: () => true }, body);
}
