import { Migration20261122000000_initial } from '../../migrations/Migration20261122000000_initial.js';
import { Migration20261126000000_books } from '../../migrations/Migration20261126000000_books.js';
import { Migration20261126000001_ledger_reserve } from '../../migrations/Migration20261126000001_ledger_reserve.js';
import { Migration20261126000002_ledger_settle } from '../../migrations/Migration20261126000002_ledger_settle.js';
import { Migration20261126000003_audit_index } from '../../migrations/Migration20261126000003_audit_index.js';
import { Migration20261126100000_jobs } from '../../migrations/Migration20261126100000_jobs.js';
import { Migration20261126100001_webhook_rotation } from '../../migrations/Migration20261126100001_webhook_rotation.js';
import { Migration20261126200000_admin } from '../../migrations/Migration20261126200000_admin.js';
import { Migration20261126205000_customers } from '../../migrations/Migration20261126205000_customers.js';
import { Migration20261126210000_statistics } from '../../migrations/Migration20261126210000_statistics.js';
import { Migration20261126220000_retention } from '../../migrations/Migration20261126220000_retention.js';
import { Migration20261126230000_imports } from '../../migrations/Migration20261126230000_imports.js';
import { Migration20261127000000_routing } from '../../migrations/Migration20261127000000_routing.js';
import { Migration20261127020000_attempts } from '../../migrations/Migration20261127020000_attempts.js';
import { Migration20261128000000_passed_usage } from '../../migrations/Migration20261128000000_passed_usage.js';
import { Migration20261129000000_service_tier } from '../../migrations/Migration20261129000000_service_tier.js';
import { Migration20261129010000_passed_sums } from '../../migrations/Migration20261129010000_passed_sums.js';
import { Migration20261129020000_late_tasks } from '../../migrations/Migration20261129020000_late_tasks.js';

/** Every change of the schema, in order. The class names are stored, so the build must keep them. */
export const MIGRATIONS = [
  Migration20261122000000_initial,
  Migration20261126000000_books,
  Migration20261126000001_ledger_reserve,
  Migration20261126000002_ledger_settle,
  Migration20261126000003_audit_index,
  Migration20261126100000_jobs,
  Migration20261126100001_webhook_rotation,
  Migration20261126200000_admin,
  Migration20261126205000_customers,
  Migration20261126210000_statistics,
  Migration20261126220000_retention,
  Migration20261126230000_imports,
  Migration20261127000000_routing,
  Migration20261127020000_attempts,
  Migration20261128000000_passed_usage,
  Migration20261129000000_service_tier,
  Migration20261129010000_passed_sums,
  Migration20261129020000_late_tasks,
];
