import { type ImageTaskRequest, refusalOfImageTask } from '../../../src/providers/canonical/image-task.js';
import type { Provider } from '../../../src/providers/provider.js';
import type { VideoContract } from '../video/video-contract.js';
import { targetOf } from '../video/video-request.js';
import { imageModelOf, imageTasksOf } from './image-request.js';
import type { ImageTaskFixtures } from './images-contract.js';

/** What a provider says of the models that make pictures as tasks. */
export function describeImageModels(
  provider: Provider,
  { models }: VideoContract,
  { submit, refused }: ImageTaskFixtures,
): void {
  const { operation, requestFor } = imageTasksOf(provider);

  it.each(['', 'gpt-6-sol', 'text-embedding-v4', '__proto__', 'constructor'])(
    'knows no model of pictures "%s"',
    (name) => {
      expect(provider.imageTasks?.modelOf(name)).toBeUndefined();
    },
  );

  it.each(models)('describes %s without contradiction', (name) => {
    const model = imageModelOf(provider, name);
    const { imagesMin = 0, imagesMax } = model;
    expect(model.countMax).toBeGreaterThanOrEqual(1);
    expect(model.promptCharsMax).toBeGreaterThan(0);
    expect(imagesMin).toBeLessThanOrEqual(imagesMax);
    expect(imagesMax === 0).toBe(model.imageForms.length === 0);
    expect(new Set(model.options).size).toBe(model.options.length);
    expect(refusalOfImageTask(requestFor(name), model)).toBeUndefined();
    expect(provider.imageTasks?.modelOf(name)).toEqual(model);
  });

  it('has a recorded submission for every option', () => {
    const recorded = new Set(submit.flatMap(({ request }) => Object.keys(request.options ?? {})));
    const all = models.flatMap((name) => imageModelOf(provider, name).options);
    expect(all.filter((name) => !recorded.has(name))).toEqual([]);
  });

  it.each(submit)('would send what is recorded: $model, $name', ({ model, request }) => {
    expect(refusalOfImageTask(requestFor(model, request), imageModelOf(provider, model))).toBeUndefined();
  });

  it('has a recorded refusal', () => {
    expect(refused.length).toBeGreaterThan(0);
  });

  it.each(refused)('refuses, and names the field at fault: $model, $name', ({ model, request, param }) => {
    const wanted = requestFor(model, request);
    const refusal = refusalOfImageTask(wanted, imageModelOf(provider, model));
    expect(refusal).toEqual({ param, message: expect.stringMatching(/^["A-Z].*\.$/s) });
    expect(refusalOfImageTask(wanted, imageModelOf(provider, model))).toEqual(refusal);
  });

  it.each(models)('refuses an option by its name rather than leave it out: %s', (name) => {
    const wanted = requestFor(name, { options: { frobnicate: true } });
    expect(refusalOfImageTask(wanted, imageModelOf(provider, name))).toMatchObject({ param: 'frobnicate' });
  });

  it.each(models)('sends what is asked for or refuses it: %s', (name) => {
    const send = (wanted: Partial<ImageTaskRequest>) => {
      const request = requestFor(name, wanted);
      const isRefused = refusalOfImageTask(request, imageModelOf(provider, name)) !== undefined;
      return isRefused ? undefined : operation.toSubmit(request, targetOf(name));
    };
    for (const wanted of [{ seed: 4711 }, { negativePrompt: 'dogs' }, { count: 2 }]) {
      expect([wanted, send(wanted)]).not.toEqual([wanted, send({})]);
    }
    // One of them may be what a vendor is told where the caller leaves it open.
    const sized = ['1024x1024', '1920x1080'].map((size) => JSON.stringify(send({ size }))).filter(Boolean);
    expect(new Set(sized).size).toBe(sized.length);
  });
}
