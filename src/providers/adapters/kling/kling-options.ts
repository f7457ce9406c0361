import { isObject } from '../../../common/is-object.js';
import type { VideoRefusal, VideoRequest } from '../../canonical/video.js';

/** Options in Kling's words and what their values must be. */
const OPTIONS: Readonly<Record<string, { readonly is: (value: unknown) => boolean; readonly what: string }>> = {
  cfg_scale: {
    is: (value) => typeof value === 'number' && value >= 0 && value <= 1,
    what: 'a number from 0 to 1',
  },
  camera_control: { is: isObject, what: 'an object' },
  multi_shot: { is: (value) => typeof value === 'boolean', what: 'true or false' },
  shot_type: { is: (value) => value === 'customize' || value === 'intelligence', what: 'customize or intelligence' },
  multi_prompt: { is: (value) => Array.isArray(value) && value.length <= 6, what: 'a list of at most 6 shots' },
  element_list: { is: (value) => Array.isArray(value) && value.length <= 3, what: 'a list of at most 3 elements' },
  watermark_info: { is: isObject, what: 'an object' },
};

/** What is wrong with the vendor's own options of a request. */
export function refuseOptions({ options }: VideoRequest): VideoRefusal | undefined {
  for (const [name, value] of Object.entries(options)) {
    const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (option !== undefined && !option.is(value))
      return { param: `providerOptions.${name}`, message: `Kling takes "${name}" as ${option.what}.` };
  }
  return undefined;
}
