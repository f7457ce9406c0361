import { Logger } from '@nestjs/common';
import { describeWithRedis, type RedisServer, startRedis } from '../../test/support/redis.js';
import { until } from '../../test/support/until.js';
import { RedisService } from './redis.service.js';

const TOPICS = ['hub:one', 'hub:two'];

describeWithRedis('the Redis service', () => {
  let redis: RedisServer;
  const services: RedisService[] = [];

  beforeAll(async () => {
    Logger.overrideLogger(false);
    redis = await startRedis();
  });
  afterEach(() => {
    for (const service of services.splice(0)) service.onApplicationShutdown();
  });
  afterAll(() => redis?.stop());

  function connect(): RedisService {
    const service = new RedisService(redis.url);
    services.push(service);
    return service;
  }

  /** A service that listens to both topics, and what it has heard. */
  function listen(): { service: RedisService; heard: string[] } {
    const service = connect();
    const heard: string[] = [];
    for (const topic of TOPICS) service.subscribe(topic, (message) => heard.push(`${topic}=${message}`));
    return { service, heard };
  }

  async function expectToHear(heard: readonly string[]): Promise<void> {
    const speaker = connect();
    await until(async () => (await speaker.status()) === 'ok');
    for (const topic of TOPICS) {
      await speaker.publish(topic, 'news');
      await until(() => heard.includes(`${topic}=news`));
    }
  }

  it('hears what others say', async () => {
    const { heard } = listen();
    await until(() => heard.length === TOPICS.length);
    await expectToHear(heard);
  });

  it('hears a topic that is added later', async () => {
    const { service, heard } = listen();
    await until(() => heard.length === TOPICS.length);
    service.subscribe('hub:three', (message) => heard.push(`hub:three=${message}`));
    await until(() => heard.includes('hub:three='));
  });

  it('hears a topic that was added while Redis was silent for longer than a command may take', async () => {
    const { service, heard } = listen();
    await until(() => heard.length === TOPICS.length);
    redis.pause();
    try {
      service.subscribe('hub:late', (message) => heard.push(`hub:late=${message}`));
      await until(async () => (await service.status()) === 'error');
    } finally {
      redis.resume();
    }
    await until(() => heard.includes('hub:late='));
    await expectToHear(heard);
  });

  it('listens when Redis comes after it, and tells its handlers that they may have missed something', async () => {
    await redis.stop();
    const { service, heard } = listen();
    expect(await service.status()).toBe('error');
    expect(heard).toEqual([]);
    await redis.restart();
    await until(() => heard.length > 0);
    expect(heard).toEqual(['hub:one=', 'hub:two=']);
    await expectToHear(heard);
  });

  it('does the same after an outage', async () => {
    const { service, heard } = listen();
    await until(() => heard.length === TOPICS.length);
    await redis.stop();
    await until(async () => (await service.status()) === 'error');
    await redis.restart();
    await until(() => heard.length > TOPICS.length);
    expect(heard.slice(TOPICS.length)).toEqual(['hub:one=', 'hub:two=']);
    await expectToHear(heard);
  });
});
