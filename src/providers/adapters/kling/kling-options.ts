import { isObject } from '../../../common/is-object.js';
import { type OptionKind, optionsAre, SWITCH, wordOf } from '../tasks/video-rules.js';

/** Options in Kling's words and what their values must be. */
const OPTIONS: Readonly<Record<string, OptionKind>> = {
  cfg_scale: {
    is: (value) => typeof value === 'number' && value >= 0 && value <= 1,
    what: 'a number from 0 to 1',
  },
  camera_control: { is: isObject, what: 'an object' },
  multi_shot: SWITCH,
  shot_type: wordOf('customize', 'intelligence'),
  multi_prompt: { is: (value) => Array.isArray(value) && value.length <= 6, what: 'a list of at most 6 shots' },
  element_list: { is: (value) => Array.isArray(value) && value.length <= 3, what: 'a list of at most 3 elements' },
  watermark_info: { is: isObject, what: 'an object' },
};

/** What is wrong with the vendor's own options of a request. */
export const refuseOptions = optionsAre(OPTIONS);
