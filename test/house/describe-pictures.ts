import { sandboxProvider } from '../../src/providers/adapters/sandbox/sandbox-provider.js';
import type { ImageTaskModel, ImageTaskRequest } from '../../src/providers/canonical/image-task.js';
import type { ImageTaskOperation, Provider } from '../../src/providers/provider.js';
import { VENDORS } from '../../src/providers/vendors.js';
import { type TaskFixtures, taskFixturesOf } from '../contract/video/video-contract.js';
import { code, describeLinks, list, table, untestedRows } from './markdown.js';

const HEAD = `
## Pictures

Asked for at \`POST /api/relay/v1/images/generations\` and \`POST /api/image/submit\`. Where pictures are made as tasks, a waiting caller's request
asks after its task until the end; an option that a model does not have is refused by its name. Error tables of tasks are those of the vendor's
videos, where it has some.
`;

/** A provider of pictures as tasks and the recordings its contract is kept by. */
interface Documented {
  readonly provider: Provider;
  readonly imageTasks: ImageTaskOperation;
  readonly fixtures: TaskFixtures<ImageTaskRequest>;
}

/** The part of docs/providers.md about pictures. */
export function describePictures(): string {
  const documented = providersOfPictures();
  const untested = documented.flatMap(({ provider, imageTasks, fixtures }) =>
    untestedRows(imageTasks, fixtures).map((row) => `${provider.id} ${row.http} ${row.code}`.trim()),
  );
  const tasks = table(
    ['provider', 'id', 'results', 'links last', 'lost submissions', 'called off', 'callbacks'],
    documented.map(({ provider, imageTasks }) => [
      provider.name,
      code(provider.id),
      imageTasks.toContent === undefined ? 'by link' : 'behind the credential',
      describeLinks(imageTasks),
      imageTasks.lookup === undefined ? 'cannot be looked up' : 'looked up',
      imageTasks.cancel === undefined ? 'never' : `while ${imageTasks.cancel.states.join(' or ')}`,
      imageTasks.callback === undefined ? 'none' : 'signed',
    ]),
  );
  const models = table(
    ['id', 'models', 'sizes', 'pictures to begin from', 'also', 'options'],
    documented.flatMap((one) => describeModels(one)),
  );
  const rows = `Rows of error tables of pictures without a test: ${untested.length === 0 ? 'none' : untested.join(', ')}.`;
  return [HEAD, tasks, '', rows, '', models, '', describeWhole()].join('\n');
}

/** Providers of pictures as tasks, in the order of the registry. */
export function providersOfPictures(): readonly Documented[] {
  return VENDORS.flatMap((provider) => {
    const { id, imageTasks } = provider;
    if (imageTasks === undefined) return [];
    return [{ provider, imageTasks, fixtures: taskFixturesOf<ImageTaskRequest>(id, 'image-tasks') }];
  });
}

function describeModels({ provider, imageTasks, fixtures }: Documented): readonly (readonly string[])[] {
  const names = [...new Set(fixtures.submit.map(({ model }) => model))];
  const alike = Map.groupBy(
    names.flatMap((name) => {
      const model = imageTasks.modelOf(name);
      return model === undefined ? [] : [{ name, cells: describeModel(model) }];
    }),
    ({ cells }) => cells.join('|'),
  );
  return [...alike.values()].map((group) => [
    code(provider.id),
    group.map(({ name }) => code(name)).join(', '),
    ...(group[0]?.cells ?? []),
  ]);
}

function describeModel(model: ImageTaskModel): readonly string[] {
  const { sizes, qualities, imagesMin = 0, imagesMax, imageForms, countMax, promptCharsMax } = model;
  const forms = imageForms.map((form) => (form === 'url' ? 'address' : 'bytes')).join(' or ');
  return [
    sizes === undefined ? 'by rule' : sizes.length === 0 ? 'not chosen' : sizes.join(', '),
    imagesMax === 0 ? 'none' : `${imagesMin} to ${imagesMax}; ${forms}`,
    [
      `up to ${countMax} at once`,
      ...(qualities.length > 0 ? [`quality ${qualities.join(', ')}`] : []),
      ...(model.hasNegativePrompt ? ['negative prompt'] : []),
      ...(model.hasSeed ? ['seed'] : []),
      `prompt up to ${promptCharsMax} characters`,
    ].join(', '),
    list(model.options),
  ];
}

/** Providers whose pictures come in the answer. */
function describeWhole(): string {
  const providers = [...VENDORS, sandboxProvider('http://127.0.0.1:1/v1')].filter(({ images }) => images !== undefined);
  const intro = 'Pictures come in the answer of these, and jobs may give these options of the vendor:';
  const rows = providers.map(({ name, id, images }) => [name, code(id), list(images?.options ?? [])]);
  return `${intro}\n\n${table(['provider', 'id', 'options of jobs'], rows)}`;
}
