import { Extensions } from '@nestjs/graphql';

/** Under this name a field says in the schema that its list is short. */
export const SHORT_LIST_EXTENSION = 'isShortList';

/** Declares that a list is a part of its object and has one or two entries, hardly ever more: the cost of operations takes it so. */
export const ShortList = (): PropertyDecorator => Extensions({ [SHORT_LIST_EXTENSION]: true });
