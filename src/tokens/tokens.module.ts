import { Module } from '@nestjs/common';
import { PromptCounter } from './prompt-counter.js';

/** Counting tokens: knows models by name, but no accounts, requests or storage. */
@Module({ providers: [PromptCounter], exports: [PromptCounter] })
export class TokensModule {}
