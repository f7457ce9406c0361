import { Simulator } from './simulator.js';
import { volcengineSimulator } from './volcengine.js';

describe('the simulator of Ark', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await Simulator.start(volcengineSimulator);
    simulator.tasks.progression = { by: 'hand' };
  });
  beforeEach(() => simulator.reset());
  afterAll(() => simulator.close());

  const call = async (method: string, path = '', body?: object) => {
    const url = `${simulator.url}/api/v3/contents/generations/tasks${path}`;
    const headers = { authorization: `Bearer ${simulator.credential}` };
    const response = await fetch(url, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };
  const model = 'doubao-seedance-2-0-260128';
  const create = async (more: object = {}): Promise<string> => {
    const { body } = await call('POST', '', { model, content: [{ type: 'text', text: 'A cat.' }], ...more });
    return (body as { id: string }).id;
  };

  it('takes a task off the queue, or destroys its record, by its state', async () => {
    const id = await create();
    expect(await call('DELETE', `/${id}`)).toEqual({ status: 200, body: {} });
    expect((await call('GET', `/${id}`)).body).toMatchObject({ status: 'cancelled' });
    expect((await call('DELETE', `/${id}`)).status).toBe(400);

    const done = await create();
    simulator.tasks.advance(done);
    expect((await call('DELETE', `/${done}`)).status).toBe(400);
    simulator.tasks.advance(done, 'succeeded');
    expect((await call('DELETE', `/${done}`)).status).toBe(200);
    expect((await call('GET', `/${done}`)).status).toBe(404);
    expect(simulator.paid.total).toBe(2);
  });

  it('counts the tokens of the recorded task', async () => {
    const id = await create();
    simulator.tasks.advance(id, 'succeeded');
    expect((await call('GET', `/${id}`)).body).toMatchObject({ usage: { completion_tokens: 108_900 }, duration: 5 });
  });

  it('lists the newest first, page by page', async () => {
    const ids = [await create(), await create(), await create()];
    const { body } = await call('GET', '?page_num=2&page_size=2');
    expect(body).toMatchObject({ total: 3, items: [{ id: ids[0] }] });
    expect((await call('GET', `?filter.task_ids=${ids[1]}`)).body).toMatchObject({ total: 1, items: [{ id: ids[1] }] });
    expect((await call('GET', '?filter.status=succeeded')).body).toMatchObject({ total: 0, items: [] });
  });

  it.each([
    [{ model: undefined }, 400, 'MissingParameter.model'],
    [{ model: 'doubao-seed-2-0-pro' }, 404, 'InvalidEndpointOrModel.NotFound'],
    [{ content: [] }, 400, 'MissingParameter.content'],
    [{ duration: 16 }, 400, 'InvalidParameter.duration'],
    [{ resolution: '4k' }, 400, 'InvalidParameter.resolution'],
    [{ model: 'doubao-seedance-2-0-fast-260128', resolution: '1080p' }, 400, 'InvalidParameter.resolution'],
    [{ ratio: '2:1' }, 400, 'InvalidParameter.ratio'],
    [{ seed: -2 }, 400, 'InvalidParameter.seed'],
    [{ model: 'doubao-seedance-1-0-pro-250528', generate_audio: true }, 400, 'InvalidParameter.generate_audio'],
    [{ content: [{ type: 'image_url', image_url: { url: 'iVBORw0KGgo=' } }] }, 400, 'InvalidParameter.content'],
  ])('refuses %j', async (wrong, status, code) => {
    const sound = { model, content: [{ type: 'text', text: 'A cat.' }] };
    expect(await call('POST', '', { ...sound, ...wrong })).toMatchObject({ status, body: { error: { code } } });
    expect(simulator.paid.total).toBe(0);
  });
});
