import { describe, expect, it } from '@jest/globals';
import { fieldsRefusedBy } from './thinking-models.js';

describe('fieldsRefusedBy', () => {
  it('leaves out of a model that never thinks that it is not to think', () => {
    expect(fieldsRefusedBy('gpt-4o', 'none')).toEqual(['reasoning_effort']);
    expect(fieldsRefusedBy('gpt-4o', 'high')).toEqual([]);
    expect(fieldsRefusedBy('gpt-5', 'none')).not.toContain('reasoning_effort');
  });
});
