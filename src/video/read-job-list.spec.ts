import { describe, expect, it } from '@jest/globals';
import { encodeCursor } from '../common/keyset-cursor.js';
import { readJobList } from './read-job-list.js';

const ID = '019ad5b2c3d47e5f8a9b0c1d2e3f4a5b';

describe('the query of a list of jobs', () => {
  it('may be empty', () => {
    expect(readJobList({}, 'video')).toEqual({ kind: 'video', limit: 20 });
  });

  it('filters and pages', () => {
    const query = {
      status: 'queued,processing',
      model: 'm',
      user_identifier: 'u',
      from: '2026-11-01',
      to: '2026-11-02T08:00:00Z',
      limit: '5',
      after: encodeCursor([ID]),
    };
    expect(readJobList(query, 'image')).toEqual({
      kind: 'image',
      limit: 5,
      before: ID,
      statuses: ['queued', 'processing'],
      model: 'm',
      userIdentifier: 'u',
      since: new Date('2026-11-01T00:00:00Z'),
      until: new Date('2026-11-02T08:00:00Z'),
    });
  });

  it.each([
    ['status', { status: 'done' }],
    ['status', { status: '' }],
    ['status', { status: 'queued,submitting' }],
    ['from', { from: 'yesterday' }],
    ['to', { from: '2026-11-02', to: '2026-11-01' }],
    ['limit', { limit: '101' }],
    ['after', { after: 'nothing' }],
    ['after', { after: encodeCursor(["'; drop table job"]) }],
    ['state', { state: 'queued' }],
    ['model', { model: ['a', 'b'] }],
  ])('is refused for its %s: %#', (param, query) => {
    expect(() => readJobList(query, 'video')).toThrow(expect.objectContaining({ status: 400, param }));
  });
});
