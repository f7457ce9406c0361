import type { AuditActor } from '../audit-log/audit-row.js';

/** Whoever runs commands on the machine of the hub, in the audit log. */
export const CLI_ACTOR: AuditActor = { kind: 'cli', userId: null, name: 'cli', address: '', requestId: '' };
