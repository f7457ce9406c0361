import { Controller, Get } from '@nestjs/common';
import { ApiUndocumented } from '../../../common/api-operation.decorator.js';
import { Public } from '../../../common/public.decorator.js';

/** What stands at the base URL itself. Command-line tools ask for it, mostly for its head, to see whether anybody is there. */
@Controller('api/relay/anthropic')
@Public()
export class MessagesRootController {
  @Get()
  @ApiUndocumented('It only says that somebody is there.')
  look(): { readonly messages: string } {
    return { messages: 'POST /api/relay/anthropic/v1/messages' };
  }
}
