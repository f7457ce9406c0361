import { SetMetadata } from '@nestjs/common';
import type { ApiKeyScope } from '../keys/api-key-scope.js';

/** Metadata key of {@link RequireApiKey}. */
export const API_KEY_SCOPE = 'hub:apiKeyScope';

/** Opens a handler to API keys that have one of these scopes. A handler without any declaration is refused. */
export const RequireApiKey = (...scopes: readonly [ApiKeyScope, ...ApiKeyScope[]]): MethodDecorator & ClassDecorator =>
  SetMetadata(API_KEY_SCOPE, scopes);
