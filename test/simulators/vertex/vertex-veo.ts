import { googleFailure } from '../gemini/google-refusals.js';
import { faultOfVeo, type VeoRules } from '../gemini/veo-request.js';
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

const PARENT = '/v1/projects/p1/locations/us-central1/publishers/google/models';
const THREE: VeoRules = {
  durations: [4, 6, 8],
  resolutions: ['720p', '1080p'],
  hasLastFrame: false,
  more: ['generateAudio'],
};
const MODELS: Readonly<Record<string, VeoRules>> = {
  'veo-3.1-generate-001': { ...THREE, hasLastFrame: true, resolutions: ['720p', '1080p', '4k'] },
  'veo-3.1-fast-generate-001': { ...THREE, hasLastFrame: true, resolutions: ['720p', '1080p', '4k'] },
  'veo-3.0-generate-001': THREE,
  'veo-2.0-generate-001': { durations: [5, 6, 7, 8], resolutions: [], hasLastFrame: true, more: [] },
};
const FILTERED =
  "1 videos were filtered out because they violated Vertex AI's usage guidelines. Support codes: 15236754";

/** Veo on Vertex AI, section 9.2 of the wire facts. Both calls are methods of the model. */
export const VEO_ROUTES: readonly Route[] = Object.keys(MODELS).flatMap((model): Route[] => [
  {
    method: 'POST',
    path: `${PARENT}/${model}:predictLongRunning`,
    call: 'create',
    handle: (request, world) => create(model, request, world),
  },
  { method: 'POST', path: `${PARENT}/${model}:fetchPredictOperation`, call: 'status', handle: fetchOperation(model) },
]);

function create(model: string, { json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const rules = MODELS[model];
  const fault = rules === undefined ? 'No rules.' : faultOfVeo(body, rules);
  if (fault !== undefined) return googleFailure(400, fault);
  const parameters = member(body, 'parameters');
  // It costs extra, and has a default.
  if (model.startsWith('veo-3') && typeof member(parameters, 'generateAudio') !== 'boolean')
    return googleFailure(400, 'generateAudio is required for Veo 3 models.');
  const [instance]: readonly unknown[] = Object(body).instances;
  const task = world.tasks.create(
    {
      id: `0a1b2c3d-${world.nextNumber()}`,
      family: 'veo',
      model,
      prompt: textMember(instance, 'prompt'),
      duration: Number(member(parameters, 'durationSeconds')),
    },
    raw.toString('utf8'),
  );
  return json(200, { name: nameOf(task) });
}

function nameOf({ model, id }: SimulatedTask): string {
  return `${PARENT.slice('/v1/'.length)}/${model}/operations/${id}`;
}

function fetchOperation(model: string): Route['handle'] {
  return ({ json: body }, world) => {
    const name = textMember(body, 'operationName');
    const task = world.tasks.look(name.split('/').at(-1) ?? '');
    if (task === undefined || task.model !== model || nameOf(task) !== name)
      return googleFailure(404, 'The operation was not found.');
    if (!isOver(task.phase)) return json(200, { name });
    return json(200, { name, done: true, ...endOf(task, world) });
  };
}

function endOf(task: SimulatedTask, world: World): object {
  const { phase, troubles } = task;
  if (phase === 'failed' && !troubles.has('content_refused_late'))
    return { error: { code: 13, message: 'Video generation failed due to an internal issue.' } };
  const type = { '@type': 'type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse' };
  if (phase === 'failed')
    return { response: { ...type, raiMediaFilteredCount: 1, raiMediaFilteredReasons: [FILTERED] } };
  const video = { bytesBase64Encoded: world.video.toString('base64'), mimeType: 'video/mp4' };
  return { response: { ...type, videos: troubles.has('success_without_url') ? [] : [video] } };
}
