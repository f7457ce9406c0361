import { volcengine } from '../../../src/providers/adapters/volcengine/volcengine.provider.js';
import { describeImages } from './describe-images.js';

describeImages(volcengine, [
  'doubao-seedream-3-0-t2i-250415',
  'doubao-seedream-4-0-250828',
  'doubao-seedream-4-5-251128',
  'doubao-seedream-5-0-260128',
]);
