import { registerEnumType } from '@nestjs/graphql';

/** Orders of lists that are kept in the order of time. */
export const TimeOrderEnum = { NEWEST_FIRST: 'newest', OLDEST_FIRST: 'oldest' } as const;
/** One of {@link TimeOrderEnum}. */
export type TimeOrder = (typeof TimeOrderEnum)[keyof typeof TimeOrderEnum];

registerEnumType(TimeOrderEnum, {
  name: 'TimeOrder',
  description: 'In which order of time a list is.',
  valuesMap: {
    NEWEST_FIRST: { description: 'The newest row first.' },
    OLDEST_FIRST: { description: 'The oldest row first.' },
  },
});
