import { Module } from '@nestjs/common';
import { FileStore } from './file-store.js';
import { FilesController } from './files.controller.js';

/** Generated files that are handed out by link. */
@Module({ controllers: [FilesController], providers: [FileStore], exports: [FileStore] })
export class FilesModule {}
