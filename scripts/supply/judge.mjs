import { idOfComponent, licenceOf } from './bill.mjs';
import { idOf } from './read-project.mjs';

/**
 * Compares a bill of everything with the lock file, and the lock file with what is installed.
 *
 * @param {readonly import('./bill.mjs').Component[]} components
 * @param {readonly [string, import('./read-project.mjs').LockEntry][]} lock
 * @param {ReadonlyMap<string, string>} installed path to `name@version`
 * @returns {string[]} a sentence for every difference
 */
export function inventoryProblems(components, lock, installed) {
  const billed = new Set(components.map(idOfComponent));
  const locked = new Map(lock.map(([path, entry]) => [path, idOf(path, entry)]));
  const ids = new Set(locked.values());
  return [
    ...[...ids].filter((id) => !billed.has(id)).map((id) => `${id} is in package-lock.json and not in the bill`),
    ...[...billed].filter((id) => !ids.has(id)).map((id) => `${id} is in the bill and not in package-lock.json`),
    ...[...installed]
      .filter(([path, id]) => locked.get(path) !== id)
      .map(([path, id]) => `${path} is ${id}, and ${locked.get(path) ?? 'nothing'} in package-lock.json`),
    // Those made for another platform are optional, and not there.
    ...lock
      .filter(([path, entry]) => !entry.optional && !installed.has(path))
      .map(([path]) => `${path} is in package-lock.json and not installed`),
  ];
}

/**
 * Components whose licence is not allowed. Of alternatives (OR) one must be, of a sum (AND) all.
 *
 * @param {readonly import('./bill.mjs').Component[]} components
 * @param {readonly string[]} allowed SPDX identifiers
 * @returns {string[]}
 */
export function licenceProblems(components, allowed) {
  return components
    .filter((component) => !isAllowed(licenceOf(component), new Set(allowed)))
    .map((component) => `${idOfComponent(component)} has the licence "${licenceOf(component)}", which is not allowed`);
}

/**
 * Packages that want to run something at installation, and are not known to do without.
 *
 * @param {readonly [string, import('./read-project.mjs').LockEntry][]} lock
 * @param {Readonly<Record<string, string>>} known name to the reason why it is not needed
 * @returns {string[]}
 */
export function installScriptProblems(lock, known) {
  const wanting = lock.filter(([, entry]) => entry.hasInstallScript).map(([path, entry]) => idOf(path, entry));
  const names = new Set(wanting.map((id) => id.slice(0, id.lastIndexOf('@'))));
  return [
    ...[...names]
      .filter((name) => !(name in known))
      .map((name) => `${name} has an install script, and nobody said that it is not needed`),
    ...Object.keys(known)
      .filter((name) => !names.has(name))
      .map((name) => `${name} has no install script any more`),
  ];
}

/** Nested expressions do not occur: npm packages that have them would be refused, and looked at. */
function isAllowed(expression, allowed) {
  const plain = expression.replace(/^\((.*)\)$/, '$1');
  return plain.split(' OR ').some((sum) => sum.split(' AND ').every((licence) => allowed.has(licence)));
}
