// npm run test:nemesis: see docs/reliability.md.
import 'reflect-metadata';
import '../support/register-ts.mjs';

await import('./main.ts');
