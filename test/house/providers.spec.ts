import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { providersOfPictures } from './describe-pictures.js';
import { describeProviders, providersOfVideos } from './describe-providers.js';
import { untestedRows } from './markdown.js';
import { PROJECT_ROOT } from './project-files.js';

describe('docs/providers.md', () => {
  const written = readFileSync(join(PROJECT_ROOT, 'docs', 'providers.md'), 'utf8');

  it('says what the declarations say; npm run docs:providers writes it anew', () => {
    expect(written).toBe(`${describeProviders()}\n`);
  });

  it('has every provider of videos, and no row without a test', () => {
    const providers = providersOfVideos();
    expect(providers.length).toBeGreaterThan(1);
    for (const { provider, video, fixtures } of providers) {
      expect(written).toContain(`## ${provider.name} (\`${provider.id}\`)`);
      expect([provider.id, video.errors?.length ?? 0]).not.toEqual([provider.id, 0]);
      expect([provider.id, untestedRows(video, fixtures)]).toEqual([provider.id, []]);
    }
    expect(written).toContain('Rows of error tables without a test: none.');
  });

  it('has every provider of pictures as tasks, and no row without a test', () => {
    const providers = providersOfPictures();
    expect(providers.length).toBeGreaterThan(1);
    for (const { provider, imageTasks, fixtures } of providers) {
      expect([provider.id, imageTasks.errors?.length ?? 0]).not.toEqual([provider.id, 0]);
      expect([provider.id, untestedRows(imageTasks, fixtures)]).toEqual([provider.id, []]);
    }
    expect(written).toContain('Rows of error tables of pictures without a test: none.');
  });

  it('would name a row that no answer is about', () => {
    const [first] = providersOfVideos();
    const row = { http: 418, code: 'Teapot', kind: 'overloaded', isRetryable: true, note: 'tea' } as const;
    const video = { ...first!.video, errors: [...(first!.video.errors ?? []), row] };
    expect(untestedRows(video, first!.fixtures)).toEqual([row]);
  });
});
