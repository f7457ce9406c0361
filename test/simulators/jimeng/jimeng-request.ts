import { member } from '../simulated-vendor.js';

const PROMPT_CHARS_MAX = 800;
const RATIOS = ['16:9', '4:3', '1:1', '3:4', '9:16', '21:9'];

/** What a service takes beside `req_key` and `prompt`. */
interface Service {
  /** How many pictures it may be given. */
  readonly pictures: readonly number[];
  readonly members: readonly string[];
  readonly isPicture?: boolean;
}

const FILM = ['prompt', 'seed', 'frames', 'aspect_ratio', 'image_urls', 'binary_data_base64'];
const SERVICES: Readonly<Record<string, Service>> = {
  jimeng_t2v_v30: { pictures: [0], members: FILM },
  jimeng_t2v_v30_1080p: { pictures: [0], members: FILM },
  jimeng_i2v_first_v30: { pictures: [1], members: FILM },
  jimeng_i2v_first_v30_1080: { pictures: [1], members: FILM },
  jimeng_i2v_first_tail_v30: { pictures: [2], members: FILM },
  jimeng_i2v_first_tail_v30_1080: { pictures: [2], members: FILM },
  jimeng_ti2v_v30_pro: { pictures: [0, 1], members: FILM },
  jimeng_t2i_v40: {
    pictures: Array.from({ length: 11 }, (_, i) => i),
    members: ['prompt', 'image_urls', 'size', 'width', 'height', 'scale', 'force_single', 'min_ratio', 'max_ratio'],
    isPicture: true,
  },
  jimeng_t2i_v31: { pictures: [0], members: ['prompt', 'seed', 'width', 'height', 'use_pre_llm'], isPicture: true },
  jimeng_t2i_v30: { pictures: [0], members: ['prompt', 'seed', 'width', 'height', 'use_pre_llm'], isPicture: true },
};

/** Whether a service makes pictures; undefined when there is no such service. */
export function isPictureService(reqKey: string): boolean | undefined {
  const service = Object.hasOwn(SERVICES, reqKey) ? SERVICES[reqKey] : undefined;
  return service === undefined ? undefined : service.isPicture === true;
}

/** What is wrong with a submission; undefined when it is well. */
export function jimengFault(body: unknown): string | undefined {
  const reqKey = String(member(body, 'req_key'));
  const service = Object.hasOwn(SERVICES, reqKey) ? SERVICES[reqKey] : undefined;
  if (service === undefined || typeof body !== 'object' || body === null) return 'req_key';
  const unknown = Object.keys(body).find((name) => name !== 'req_key' && !service.members.includes(name));
  if (unknown !== undefined) return unknown;
  const urls = member(body, 'image_urls');
  const bytes = member(body, 'binary_data_base64');
  if (urls !== undefined && bytes !== undefined) return 'image_urls and binary_data_base64';
  const pictures = [urls ?? bytes ?? []].flat();
  if (!service.pictures.includes(pictures.length)) return 'image_urls';
  if (urls !== undefined && !pictures.every((url) => /^https?:\/\//.test(String(url)))) return 'image_urls';
  if (bytes !== undefined && !pictures.every((text) => /^[A-Za-z0-9+/]+=*$/.test(String(text))))
    return 'binary_data_base64';
  const prompt = member(body, 'prompt') ?? '';
  if (typeof prompt !== 'string' || [...prompt].length > PROMPT_CHARS_MAX) return 'prompt';
  if (prompt === '' && pictures.length === 0) return 'prompt';
  return service.isPicture === true ? sizeFault(body) : filmFault(body, pictures.length > 0);
}

function filmFault(body: unknown, hasPicture: boolean): string | undefined {
  if (![121, 241].some((frames) => frames === member(body, 'frames'))) return 'frames';
  const ratio = member(body, 'aspect_ratio');
  if (ratio !== undefined && (hasPicture || !RATIOS.some((one) => one === ratio))) return 'aspect_ratio';
  const seed = member(body, 'seed') ?? -1;
  return Number.isInteger(seed) ? undefined : 'seed';
}

function sizeFault(body: unknown): string | undefined {
  const [width, height, size] = ['width', 'height', 'size'].map((name) => member(body, name));
  if ((width === undefined) !== (height === undefined)) return 'width and height';
  const area = width === undefined ? Number(size ?? 2048 ** 2) : Number(width) * Number(height);
  const least = member(body, 'req_key') === 'jimeng_t2i_v40' ? 1024 ** 2 : 512 ** 2;
  return area >= least && area <= 4096 ** 2 ? undefined : 'size';
}
