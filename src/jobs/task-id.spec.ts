import { describe, expect, it } from '@jest/globals';
import { taskIdOf } from './task-id.js';

describe('taskIdOf', () => {
  it('is the id that the upstream’s callbacks name', () => {
    const callback = {
      isGenuine: () => true,
      read: () => undefined,
      idOf: (ref: object) => `${Object.values(ref)[0]}`,
    };
    expect(taskIdOf({ callback }, { id: 'cgt-1', model: 'm' })).toBe('cgt-1');
  });

  it('is the whole reference otherwise, in whatever order it was written', () => {
    expect(taskIdOf({}, { id: '1', kind: 'text2video' })).toBe(taskIdOf({}, { kind: 'text2video', id: '1' }));
    expect(taskIdOf({}, { id: '1' })).not.toBe(taskIdOf({}, { id: 1 }));
    expect(taskIdOf({}, { id: '1', kind: 'a' })).not.toBe(taskIdOf({}, { id: '1', kind: 'b' }));
  });
});
