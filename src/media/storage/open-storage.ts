import type { MediaSettings } from '../../config/settings.js';
import { LocalStorage } from './local-storage.js';
import type { MediaStorage } from './media-storage.js';
import { S3Storage } from './s3-storage.js';

/** The storage that the settings name. Nothing is made or called before it is used. */
export function openStorage({ s3, dir, fileBytesMax }: MediaSettings): MediaStorage {
  return s3 === undefined ? new LocalStorage(dir) : new S3Storage(s3, fileBytesMax);
}
