import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** A worker's leases: every write of a worker names it. */
export interface LeaseOwner {
  readonly name: string;
  readonly leaseMs: number;
}

/** The owner of what a worker of this very process claims: after a restart its leases are somebody else's. */
export function newLeaseOwner(leaseMs: number): LeaseOwner {
  return { name: `${hostname()}:${process.pid}:${randomUUID()}`, leaseMs };
}
