import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { idOf, lockEntries } from './read-project.mjs';

/** @typedef {{ 'bom-ref': string, name: string, purl: string, licenses?: { license?: { id?: string, name?: string }, expression?: string }[] }} Component */
/** @typedef {{ metadata: { component: object }, components: Component[], dependencies: { ref: string, dependsOn?: string[] }[] }} Bill */

/**
 * The bill of materials of everything in the lock file, as npm writes it (CycloneDX 1.5, JSON).
 *
 * @param {string} root the project's folder
 * @returns {Bill}
 * @throws Error with what npm said.
 */
export function wholeBill(root) {
  // From the lock file, so that it is the same on every platform, and can be compared with what is installed.
  const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
  const run = spawnSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (run.status !== 0) throw new Error(`npm ${args.join(' ')}: ${run.error?.message ?? run.stderr}`);
  const bill = JSON.parse(run.stdout);
  // npm takes the folder's name for the project's.
  bill.metadata.component.name = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).name;
  return bill;
}

/**
 * The part of a bill that reaches operators: what the hub runs on, and what it serves to browsers.
 *
 * `npm sbom --omit=dev` is not used: it leaves out packages that production and development share.
 *
 * @param {Bill} bill of everything
 * @param {string} root
 * @param {readonly string[]} browserPackages packages whose files are served, with all they are made of
 * @returns {Bill}
 */
export function shippedBill(bill, root, browserPackages) {
  const production = lockEntries(root).filter(([, entry]) => !entry.dev);
  const run = new Set(production.map(([path, entry]) => idOf(path, entry)));
  const served = closure(
    bill,
    bill.components.filter(({ name }) => browserPackages.includes(name)).map((component) => component['bom-ref']),
  );
  const components = bill.components.filter(
    (component) => run.has(idOfComponent(component)) || served.has(component['bom-ref']),
  );
  const refs = new Set([bill.metadata.component['bom-ref'], ...components.map((component) => component['bom-ref'])]);
  const dependencies = bill.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }));
  return { ...bill, components, dependencies };
}

/**
 * `name@version` as the registry knows it.
 *
 * @param {Component} component
 */
export function idOfComponent({ purl }) {
  return decodeURIComponent(purl.replace(/^pkg:npm\//, ''));
}

/**
 * The licence of a component, as an SPDX expression; empty when it names none.
 *
 * @param {Component} component
 */
export function licenceOf({ licenses = [] }) {
  return licenses.map(({ license, expression }) => expression ?? license?.id ?? license?.name ?? '').join(' AND ');
}

function closure({ dependencies }, roots) {
  const next = new Map(dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
  const seen = new Set(roots);
  for (const ref of seen) for (const other of next.get(ref) ?? []) seen.add(other);
  return seen;
}
