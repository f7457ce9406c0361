import type { Refusal } from '../faults.js';
import {
  json,
  member,
  type SimulatedAnswer,
  type SimulatedRequest,
  type SimulatedVendor,
  textMember,
  type World,
} from '../simulated-vendor.js';
import type { Phase, SimulatedTask } from '../task-table.js';
import { FIRST_PICTURE, pixverseFault, WAYS, type Way } from './pixverse-request.js';

const BASE = '/openapi/v2';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** More than 32 bits can hold. */
const FIRST_ID = 318_633_193_768_896;
/** A task that waits is told like one that is at work. */
const STATES: Readonly<Record<Phase, number>> = {
  queued: 5,
  processing: 5,
  unknown: 9,
  succeeded: 1,
  failed: 8,
  cancelled: 8,
};

const REFUSED: Readonly<Record<Refusal, SimulatedAnswer>> = {
  auth_failure: failure(10_005, 'API key is not valid'),
  expired_token: failure(10_005, 'API key has expired'),
  bad_parameter: failure(400_017, 'invalid param'),
  content_refused: failure(500_063, 'the prompt did not pass moderation'),
  out_of_balance: failure(500_090, 'insufficient credits'),
  rate_limited: { status: 429, body: { ErrCode: 429, ErrMsg: 'too many requests', Resp: null } },
  concurrency: failure(500_044, 'reached the limit for concurrent generations'),
  server_error: { status: 500, body: { ErrCode: 500_000, ErrMsg: 'internal error', Resp: null } },
};

/** PixVerse, section 13 of the wire facts; base URL `<url>`. Refusals come with HTTP 200. */
export const SIMULATED: SimulatedVendor = {
  id: 'pixverse',
  credential: 'sk-of-the-pixverse-simulator',
  routes: [
    { method: 'POST', path: `${BASE}/image/upload`, call: 'file', handle: upload },
    ...WAYS.map((way) => ({
      method: 'POST',
      path: `${BASE}/video/${way}/generate`,
      call: 'create' as const,
      handle: (request: SimulatedRequest, world: World) => create(way, request, world),
    })),
    { method: 'GET', path: `${BASE}/video/result/:id`, call: 'status', handle: status },
  ],
  authorize: ({ headers }, { credential }) => {
    if (headers['api-key'] !== credential) return REFUSED.auth_failure;
    return UUID.test(headers['ai-trace-id'] ?? '') ? undefined : failure(400_011, 'Ai-trace-id is not valid');
  },
  refuse: (refusal) => REFUSED[refusal],
  notFound: () => json(404, { ErrCode: 404, ErrMsg: 'no such path', Resp: null }),
};

/** Takes a picture as a file or by its address, in a form. */
function upload({ headers, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const text = raw.toString('latin1');
  const boundary = /^multipart\/form-data; boundary=([\w-]+)$/.exec(headers['content-type'] ?? '')?.[1];
  if (boundary === undefined || !text.startsWith(`--${boundary}\r\n`) || !text.endsWith(`\r\n--${boundary}--\r\n`))
    return failure(400_013, 'the form cannot be read');
  const address = /; name="image_url"\r\n\r\n(\S+)\r\n--/.exec(text)?.[1];
  const file = /; name="image"; filename="[^"]+"\r\ncontent-type: image\/[a-z]+\r\n\r\n.+\r\n--/is.test(text);
  if (address === undefined && !file) return failure(500_030, 'there is no image in the form');
  const id = FIRST_PICTURE + world.nextNumber();
  return success({ img_id: id, img_url: `https://media.pixverse.example/${id}.png` });
}

function create(way: Way, { headers, json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const fault = pixverseFault(way, body);
  if (fault !== undefined) return failure(fault.code, fault.message);
  const traceId = headers['ai-trace-id'] ?? '';
  // A request under the id of an earlier one is that request: it gets the same video and makes none.
  const earlier = world.tasks.list().find(({ echo }) => echo?.['traceId'] === traceId);
  const task =
    earlier ??
    world.tasks.create(
      {
        id: String(FIRST_ID + world.nextNumber()),
        family: way,
        model: textMember(body, 'model'),
        prompt: textMember(body, 'prompt'),
        duration: Number(member(body, 'duration')),
        echo: { traceId },
      },
      raw.toString('utf8'),
    );
  return success({ video_id: Number(task.id) });
}

function status({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.look(params['id'] ?? '');
  if (task === undefined) return failure(500_008, 'the requested data was not found');
  return success({
    id: Number(task.id),
    status: stateOf(task),
    url: world.linksOf(task)[0] ?? '',
    prompt: task.prompt,
    negative_prompt: '',
    seed: 1,
    size: 1,
    style: '',
    create_time: new Date(task.createdAtMs).toISOString(),
    modify_time: new Date(task.updatedAtMs).toISOString(),
    outputWidth: 1280,
    outputHeight: 720,
    resolution_ratio: 0,
  });
}

function stateOf({ phase, troubles }: SimulatedTask): number {
  return phase === 'failed' && troubles.has('content_refused_late') ? 7 : STATES[phase];
}

function success(resp: object): SimulatedAnswer {
  return json(200, { ErrCode: 0, ErrMsg: 'Success', Resp: resp });
}

function failure(code: number, message: string): SimulatedAnswer {
  return json(200, { ErrCode: code, ErrMsg: message, Resp: null });
}
