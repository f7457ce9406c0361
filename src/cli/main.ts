import { text } from 'node:stream/consumers';
import { Logger } from '@nestjs/common';
import { runCli } from './run-cli.js';

// Standard output is for the result alone; what the modules log would mix with it.
Logger.overrideLogger(false);
const result = await runCli({ argv: process.argv.slice(2), env: process.env, readStdin: () => text(process.stdin) });
if (result.stdout !== undefined) process.stdout.write(result.stdout);
if (result.stderr !== undefined) process.stderr.write(result.stderr);
process.exitCode = result.exitCode;
