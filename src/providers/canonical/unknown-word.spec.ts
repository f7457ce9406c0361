import { stateOfUnknownWord } from './unknown-word.js';

describe('a word for a state that nobody knows', () => {
  it.each(['rendering', 'WAITING_ON_MOON', '', 'done-ish'])('keeps a job going: "%s"', (word) => {
    expect(stateOfUnknownWord(word)).toEqual({ state: 'processing' });
  });

  it.each([
    ['task_failure', 'failed'],
    ['InternalError', 'failed'],
    ['REJECTED_BY_OWNER', 'failed'],
    ['timeExpired', 'expired'],
  ])('ends a job when it can mean nothing else: "%s"', (word, kind) => {
    expect(stateOfUnknownWord(word)).toMatchObject({ state: 'failed', kind, code: word });
    expect(stateOfUnknownWord(word, 'why')).toMatchObject({ message: 'why' });
  });

  it('calls a job off when the word does', () => {
    expect(stateOfUnknownWord('user_cancelling')).toEqual({ state: 'cancelled' });
  });
});
