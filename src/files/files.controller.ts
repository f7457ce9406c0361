import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ApiUndocumented } from '../common/api-operation.decorator.js';
import { HubError } from '../common/hub-error.js';
import { Public } from '../common/public.decorator.js';
import { FileStore } from './file-store.js';

const ID = /^[\w-]{32}$/;

/** Serves stored files to whoever has the link, which is the permission. */
@Controller('api/files')
export class FilesController {
  constructor(@Inject(FileStore) private readonly files: FileStore) {}

  @Get(':id')
  @Public()
  @ApiUndocumented('Links to generated files are handed out in answers.')
  async read(@Param('id') id: string, @Res() reply: FastifyReply): Promise<void> {
    const file = ID.test(id) ? await this.files.get(id) : undefined;
    if (file === undefined) {
      throw new HubError({
        status: 404,
        code: 'not_found',
        message: 'This file does not exist, or its link has expired.',
      });
    }
    reply
      .header('content-type', file.contentType)
      .header('cache-control', 'private, max-age=3600, immutable')
      .header('x-content-type-options', 'nosniff')
      .header('content-security-policy', "default-src 'none'; sandbox")
      .send(file.bytes);
  }
}
