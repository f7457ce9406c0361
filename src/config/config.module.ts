import { type DynamicModule, Module } from '@nestjs/common';
import type { Settings } from './settings.js';

/** Injection token of {@link Settings}. */
export const SETTINGS = Symbol('SETTINGS');

/** Makes the parsed settings injectable everywhere as SETTINGS. */
@Module({})
export class ConfigModule {
  static forRoot(settings: Settings): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: SETTINGS, useValue: settings }],
      exports: [SETTINGS],
    };
  }
}
