import { nearestRatio, ratioOfSize, readPictureSize } from './picture-size.js';

const RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4', '3:2', '2:3', '21:9'];

describe('the size of a picture', () => {
  it.each([
    ['1024x1536', { width: 1024, height: 1536 }],
    ['1280*720', { width: 1280, height: 720 }],
    ['64X64', { width: 64, height: 64 }],
  ])('is read: %s', (text, size) => {
    expect(readPictureSize(text)).toEqual(size);
  });

  it.each(['', 'auto', '2K', '16:9', '1x1', '0x512', '512x0', '-1x512', '1024x', '1e3x512', '100000x10', '10.5x10'])(
    'is none: %s',
    (text) => {
      expect(readPictureSize(text)).toBeUndefined();
    },
  );

  it.each([
    ['1024x1024', '1:1'],
    ['1792x1024', '16:9'],
    ['1024x1792', '9:16'],
    ['1536x1024', '3:2'],
    ['1024x1536', '2:3'],
    ['832x480', '16:9'],
    ['2560x1080', '21:9'],
    ['1000x1040', '1:1'],
  ])('%s is meant as %s', (text, ratio) => {
    expect(nearestRatio(readPictureSize(text)!, RATIOS)).toBe(ratio);
  });

  it.each(['1024x300', '1000x1100', '300x1024'])('%s is no ratio of the list', (text) => {
    expect(nearestRatio(readPictureSize(text)!, RATIOS)).toBeUndefined();
  });
});

describe('a vendor that knows shapes only', () => {
  it.each([
    ['1:1', '1:1'],
    ['1024x1024', '1:1'],
    ['1792x1024', '16:9'],
    ['16:10', undefined],
    ['1024x9000', undefined],
    ['large', undefined],
  ])('takes %s as %s', (size, ratio) => {
    expect(ratioOfSize(size, ['1:1', '16:9'])).toBe(ratio);
  });
});
