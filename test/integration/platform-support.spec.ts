import { RedisService } from '../../src/redis/redis.service.js';
import { describeWithRedis, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';

describeWithRedis('a Redis server of a suite', () => {
  it('serves, stops, and serves again on the same port', async () => {
    const server = await startRedis();
    const redis = new RedisService(server.url);
    await until(async () => (await redis.status()) === 'ok');
    await server.stop();
    expect(await redis.status()).toBe('error');
    await server.restart();
    await until(async () => (await redis.status()) === 'ok');
    await redis.onApplicationShutdown();
    await server.stop();
  });
});
