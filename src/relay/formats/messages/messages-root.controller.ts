import { Controller, Get, Head, HttpCode } from '@nestjs/common';
import { ApiUndocumented } from '../../../common/api-operation.decorator.js';
import { Public } from '../../../common/public.decorator.js';

/** What stands at the base URL itself, which command-line tools look at to see whether anybody is there. */
@Controller('api/relay/anthropic')
@Public()
export class MessagesRootController {
  @Head(['', '/'])
  @HttpCode(200)
  @ApiUndocumented('It only says that somebody is there.')
  probe(): string {
    return '';
  }

  @Get(['', '/'])
  @ApiUndocumented('It only says that somebody is there.')
  look(): { readonly type: 'hub'; readonly messages: string } {
    return { type: 'hub', messages: 'POST /api/relay/anthropic/v1/messages' };
  }
}
