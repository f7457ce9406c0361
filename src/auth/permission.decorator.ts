import { SetMetadata } from '@nestjs/common';
import type { ApiKeyScope } from './caller.js';

/** Metadata key of {@link RequireApiKey}. */
export const API_KEY_SCOPE = 'hub:apiKeyScope';

/** Opens a handler to API keys that have this scope. A handler without any declaration is refused. */
export const RequireApiKey = (scope: ApiKeyScope): MethodDecorator & ClassDecorator =>
  SetMetadata(API_KEY_SCOPE, scope);
