import { Module } from '@nestjs/common';
import { AlertDelivery } from './alert-delivery.js';
import { AlertWatcher } from './alert-watcher.js';
import { AlertWebhook } from './alert-webhook.js';
import { Alerts } from './alerts.service.js';

/** Tells the operator what he should know: what other modules raise, and what is watched here. */
@Module({ providers: [Alerts, AlertDelivery, AlertWatcher, AlertWebhook], exports: [Alerts] })
export class AlertsModule {}
