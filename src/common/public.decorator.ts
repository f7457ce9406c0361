import { type CustomDecorator, SetMetadata } from '@nestjs/common';

/** Metadata key that the API key guard reads; `true` lets a caller in without a key. */
export const IS_PUBLIC = 'hub:isPublic';

/** Opens a handler, or every handler of a controller, to callers without a key. Without it the guard refuses. */
export const Public = (): CustomDecorator => SetMetadata(IS_PUBLIC, true);
