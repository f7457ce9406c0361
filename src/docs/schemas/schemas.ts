import type { JsonSchema } from '../../common/api-operation.decorator.js';
import { accountSchemas } from './account.schemas.js';
import { chatSchemas } from './chat.schemas.js';
import { mediaSchemas } from './media.schemas.js';
import { messagesSchemas } from './messages.schemas.js';
import { passedSchemas } from './passed.schemas.js';
import { quoteSchemas } from './quote.schemas.js';
import { responsesSchemas } from './responses.schemas.js';
import { serviceSchemas } from './service.schemas.js';
import { usageSchemas } from './usage.schemas.js';
import { videoSchemas } from './video.schemas.js';
import { webhooksSchemas } from './webhooks.schemas.js';

/** Every shared schema by its name. The document carries those that an operation reaches. */
export const schemas: Readonly<Record<string, JsonSchema>> = {
  ...videoSchemas,
  ...chatSchemas,
  ...responsesSchemas,
  ...messagesSchemas,
  ...mediaSchemas,
  ...passedSchemas,
  ...accountSchemas,
  ...quoteSchemas,
  ...usageSchemas,
  ...webhooksSchemas,
  ...serviceSchemas,
};
