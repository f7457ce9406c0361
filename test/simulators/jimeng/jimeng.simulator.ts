import type { Refusal } from '../faults.js';
import {
  json,
  type SimulatedAnswer,
  type SimulatedRequest,
  type SimulatedVendor,
  textMember,
  type World,
} from '../simulated-vendor.js';
import type { Phase, SimulatedTask } from '../task-table.js';
import { signatureFault } from './check-signature.js';
import { isPictureService, jimengFault } from './jimeng-request.js';

const VERSION = '2022-08-31';
const FIRST_ID = 7_392_616_336_519_610_409n;
const WORDS: Readonly<Record<Phase, string>> = {
  queued: 'in_queue',
  processing: 'generating',
  unknown: 'rendering',
  succeeded: 'done',
  failed: 'done',
  cancelled: 'expired',
};

const REFUSED: Readonly<Record<Refusal, SimulatedAnswer>> = {
  auth_failure: gatewayError(401, 'InvalidAccessKey', 100_009),
  expired_token: gatewayError(400, 'InvalidTimestamp', 100_006),
  bad_parameter: failure(400, 50_215, 'Input invalid for this service.'),
  content_refused: failure(400, 50_412, 'Text Risk Not Pass'),
  // Its code is in no document; the word is that of other services of the vendor.
  out_of_balance: gatewayError(403, 'AccountOverdue', 100_000),
  rate_limited: failure(429, 50_429, 'Request Has Reached API Limit, Please Try Later'),
  concurrency: failure(429, 50_430, 'Request Has Reached API Concurrent Limit, Please Try Later'),
  server_error: failure(500, 50_500, 'Internal Error'),
};

/** Jimeng by Volcengine's visual API, section 4 of the wire facts; base URL `<url>`. Calls are told apart by their query. */
export const SIMULATED: SimulatedVendor = {
  id: 'jimeng',
  credential: 'AKOFTHESIMULATOR:SKofTheSimulator==',
  routes: [
    { method: 'POST', path: '/', query: toQuery('CVSync2AsyncSubmitTask'), call: 'create', handle: create },
    { method: 'POST', path: '/', query: toQuery('CVSync2AsyncGetResult'), call: 'status', handle: status },
  ],
  authorize: (request, world) => {
    const fault = signatureFault(request, world);
    return fault === undefined ? undefined : gatewayError(fault[0] === 'InvalidTimestamp' ? 400 : 401, ...fault);
  },
  refuse: (refusal) => REFUSED[refusal],
  notFound: () => gatewayError(404, 'InvalidActionOrVersion', 100_008),
};

function toQuery(Action: string): Readonly<Record<string, string>> {
  return { Action, Version: VERSION };
}

function create({ json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const fault = jimengFault(body);
  if (fault !== undefined) return failure(400, 50_215, `Input invalid for this service: ${fault}`);
  const reqKey = textMember(body, 'req_key');
  const { id } = world.tasks.create(
    {
      id: String(FIRST_ID + BigInt(world.nextNumber())),
      family: reqKey,
      model: reqKey,
      prompt: textMember(body, 'prompt'),
      duration: /"frames":241/.test(raw.toString('utf8')) ? 10 : 5,
      isPicture: isPictureService(reqKey),
    },
    raw.toString('utf8'),
  );
  return success({ task_id: id });
}

function status({ json: body }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.look(textMember(body, 'task_id'));
  // A task is known only together with the service that made it.
  if (task?.family !== textMember(body, 'req_key')) return success({ status: 'not_found' });
  if (task.phase === 'failed') return reasonOf(task);
  const links = world.linksOf(task);
  const told = { status: WORDS[task.phase], binary_data_base64: null, image_urls: null, resp_data: '' };
  if (task.isPicture !== true) return success({ ...told, video_url: links[0] ?? '' });
  // Without this wish pictures come as base64.
  const isByLink = textMember(body, 'req_json').includes('"return_url":true');
  return success({ ...told, image_urls: isByLink && links.length > 0 ? links : null });
}

/** A task that failed is told like a call that did. */
function reasonOf({ troubles, isPicture }: SimulatedTask): SimulatedAnswer {
  if (!troubles.has('content_refused_late')) return failure(500, 50_501, 'Internal RPC Error');
  return isPicture === true
    ? failure(400, 50_511, 'Post Img Risk Not Pass')
    : failure(400, 50_516, 'Post Video Risk Not Pass');
}

function success(data: unknown): SimulatedAnswer {
  return json(200, { code: 10_000, data, message: 'Success', request_id: 'r1', status: 10_000, time_elapsed: '1ms' });
}

function failure(http: number, code: number, message: string): SimulatedAnswer {
  return json(http, { code, data: null, message, request_id: 'r1', status: code, time_elapsed: '1ms' });
}

function gatewayError(http: number, code: string, number: number): SimulatedAnswer {
  const error = { Code: code, CodeN: number, Message: `The gateway says ${code}.` };
  return json(http, { ResponseMetadata: { RequestId: 'r1', Service: 'cv', Region: 'cn-north-1', Error: error } });
}
