import { isObject } from '../../../common/is-object.js';

const UNSHOWN = '(The model has made a picture, which this format cannot carry.)';

/**
 * Pictures of an answer, for which a message has no blocks: one by address as Markdown, one in bytes as a remark, since so long a text would
 * be read as part of every following prompt.
 * @param images as `images` of chat/completions; '' when there are none.
 */
export function pictureText(images: unknown): string {
  if (!Array.isArray(images)) return '';
  return images
    .map((image: unknown) => {
      const inner = isObject(image) ? image['image_url'] : undefined;
      const url = isObject(inner) ? inner['url'] : inner;
      return typeof url === 'string' && /^https?:\/\//i.test(url) ? `\n\n![](${url})` : `\n\n${UNSHOWN}`;
    })
    .join('');
}
