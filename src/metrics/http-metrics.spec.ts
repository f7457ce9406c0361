import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { RequestLog } from '../common/request-log.js';
import { HttpMetrics } from './http-metrics.js';

async function count(...requests: readonly Partial<RequestLog>[]): Promise<string[]> {
  const registry = new Registry();
  const metrics = new HttpMetrics(registry);
  for (const request of requests) metrics.count(Object.assign(new RequestLog(), request));
  return (await registry.metrics()).split('\n').filter((line) => !line.startsWith('#') && !line.includes('_bucket{'));
}

describe('metrics of requests', () => {
  it.each([
    ['/api/relay/v1/chat/completions', 200, 'chat', '2xx'],
    ['/api/relay/v1/models/:id', 404, 'models', '4xx'],
    ['/api/relay/v1/quote', 200, 'relay_other', '2xx'],
    ['/api/image/submit', 503, 'image_jobs', '5xx'],
    ['/api/relay/v1/images/generations', 499, 'images', 'client_gone'],
    ['/graphql', 200, 'admin', '2xx'],
    ['/docs/assets/*', 304, 'other', '3xx'],
    ['unknown', 404, 'other', '4xx'],
  ])('put %s with %i into their classes', async (path, status, route, statusClass) => {
    expect(await count({ path, status })).toContain(`hub_requests_total{route="${route}",status="${statusClass}"} 1`);
  });

  it('count errors by code, of codes that an upstream made up only a hundred', async () => {
    const lines = await count(
      ...Array.from({ length: 10_000 }, (_each, index) => ({ status: 400, code: `code_${index}` })),
    );
    const errors = lines.filter((line) => line.startsWith('hub_errors_total'));
    expect(errors).toHaveLength(101);
    expect(errors).toContain('hub_errors_total{route="other",code="other"} 9900');
  });

  it('sum up how long requests took', async () => {
    const lines = await count({ path: '/api/health', ms: 20 }, { path: '/api/health/live', ms: 30 });
    expect(lines).toContain('hub_request_duration_seconds_sum{route="health"} 0.05');
  });

  it('show what the hub adds, of requests that reached an upstream', async () => {
    const path = '/api/relay/v1/chat/completions';
    const lines = await count({ path, addedMs: 3, attempts: 1 }, { path, addedMs: 500 }, { path });
    expect(lines).toContain('hub_added_seconds_sum{route="chat"} 0.003');
    expect(lines).toContain('hub_added_seconds_count{route="chat"} 1');
  });
});
