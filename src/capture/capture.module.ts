import { Module } from '@nestjs/common';
import { CaptureRecorder } from './capture-recorder.js';
import { CaptureSweeper } from './capture-sweeper.js';

/** Requests and answers of single keys, kept encrypted for a while where an operator has switched that on. */
@Module({ providers: [CaptureRecorder, CaptureSweeper], exports: [CaptureRecorder] })
export class CaptureModule {}
