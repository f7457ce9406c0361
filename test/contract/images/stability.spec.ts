import { stability } from '../../../src/providers/adapters/stability/stability.provider.js';
import { describeImages } from './describe-images.js';

describeImages(stability, [
  'stable-image-core',
  'stable-image-ultra',
  'sd3.5-large',
  'sd3.5-large-turbo',
  'sd3.5-medium',
  'sd3.5-flash',
]);
