// @ts-check
// The hub without its books: no limits, no counting, no hold, no settlement. The product has no such switch, and must not have
// one; so this entry replaces the two providers before the application is built from them, and then starts it as it is.

import 'reflect-metadata';
import { Module } from '@nestjs/common';

/** @param {string} path of a compiled module */
const built = (path) => import(new URL(`../../dist/src/${path}`, import.meta.url).href);

const [{ Billing }, { BillingModule }, { PromptCounter }] = await Promise.all([
  built('billing/billing.js'),
  built('billing/billing.module.js'),
  built('tokens/prompt-counter.js'),
]);

const noBill = {
  outputTokensCap: undefined,
  beginAttempt() {},
  failAttempt() {},
  noteAccepted() {},
  deliver() {
    return undefined;
  },
  async settle() {
    return 0n;
  },
};
const admission = Promise.resolve({ kind: 'admitted', bill: noBill });
const noBilling = { admit: () => admission };
const noCounter = { count: () => 0 };

Module({
  providers: [
    { provide: Billing, useValue: noBilling },
    { provide: PromptCounter, useValue: noCounter },
  ],
  exports: [Billing, PromptCounter],
})(BillingModule);

await built('main.js');
