import {
  json,
  member,
  type Route,
  type SimulatedAnswer,
  type SimulatedRequest,
  textMember,
  type World,
} from '../simulated-vendor.js';
import { isOver, type SimulatedTask } from '../task-table.js';
import { fileUriOf } from './gemini-files.js';
import { googleFailure } from './google-refusals.js';
import { faultOfVeo, type VeoRules } from './veo-request.js';

const RULES: VeoRules = {
  durations: [4, 6, 8],
  resolutions: ['720p', '1080p', '4k'],
  hasLastFrame: true,
  more: [],
};
const MODELS = ['veo-3.1-generate-preview', 'veo-3.1-fast-generate-preview'];
const FILTERED = "1 videos were filtered out because they violated Vertex AI's usage guidelines.";

/** Veo on the Gemini API, section 9.2 of the wire facts. */
export const VEO_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/v1beta/models/:call', call: 'create', handle: create },
  { method: 'GET', path: '/v1beta/models/:model/operations/:id', call: 'status', handle: status },
];

function create({ params, json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const [, model = ''] = /^(.+):predictLongRunning$/.exec(params['call'] ?? '') ?? [];
  if (!MODELS.includes(model))
    return googleFailure(404, `This model models/${model} is no longer available. Please update your code.`);
  const { durationSeconds, resolution } = Object(member(body, 'parameters'));
  const fault = faultOfVeo(body, RULES);
  if (fault !== undefined) return googleFailure(400, fault);
  if (resolution !== '720p' && durationSeconds !== 8) return googleFailure(400, `${resolution} needs 8 seconds.`);
  const [instance]: readonly unknown[] = Object(body).instances;
  const task = world.tasks.create(
    {
      id: `op${world.nextNumber().toString(36).padStart(10, '0')}`,
      family: 'veo',
      model,
      prompt: textMember(instance, 'prompt'),
      duration: Number(durationSeconds),
    },
    raw.toString('utf8'),
  );
  return json(200, { name: nameOf(task) });
}

function nameOf({ model, id }: SimulatedTask): string {
  return `models/${model}/operations/${id}`;
}

function status({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.look(params['id'] ?? '');
  if (task?.family !== 'veo' || task.model !== params['model']) return googleFailure(404, 'Operation not found.');
  // `done` is absent until the end.
  if (!isOver(task.phase)) return json(200, { name: nameOf(task) });
  return json(200, { name: nameOf(task), done: true, ...endOf(task) });
}

function endOf(task: SimulatedTask): object {
  const { phase, troubles } = task;
  if (phase === 'failed' && !troubles.has('content_refused_late'))
    return { error: { code: 13, message: 'Video generation failed due to an internal server issue.' } };
  const type = { '@type': 'type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse' };
  if (phase === 'failed')
    return {
      response: {
        ...type,
        generateVideoResponse: { raiMediaFilteredCount: 1, raiMediaFilteredReasons: [FILTERED] },
      },
    };
  const generatedSamples = troubles.has('success_without_url') ? [] : [{ video: { uri: fileUriOf(task) } }];
  return { response: { ...type, generateVideoResponse: { generatedSamples } } };
}
