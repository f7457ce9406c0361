/**
 * Writes the bill of materials of what operators get, after comparing it with package-lock.json and what is installed:
 * `npm run sbom -- [FILE]`, by default sbom.cdx.json (CycloneDX). `--check` writes nothing.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shippedBill, wholeBill } from './supply/bill.mjs';
import { installScriptProblems, inventoryProblems, licenceProblems } from './supply/judge.mjs';
import { installedPackages, lockEntries, policy } from './supply/read-project.mjs';

const ROOT = join(import.meta.dirname, '..');
const args = process.argv.slice(2);
const lock = lockEntries(ROOT);
const whole = wholeBill(ROOT);
const shipped = shippedBill(whole, ROOT, policy.browserPackages);
const production = new Set(lock.filter(([, entry]) => !entry.dev).map(([path]) => path)).size;
const problems = [
  ...inventoryProblems(whole.components, lock, installedPackages(ROOT)),
  ...licenceProblems(shipped.components, policy.licences),
  ...licenceProblems(whole.components, [...policy.licences, ...policy.buildLicences]),
  ...installScriptProblems(lock, policy.installScripts),
];
if (production > policy.productionPackagesMax) {
  problems.push(`${production} production packages: more than the ${policy.productionPackagesMax} that are allowed`);
}
for (const problem of new Set(problems)) console.error(problem);
if (problems.length > 0) {
  process.exitCode = 1;
} else {
  const summary = `${whole.components.length} packages, ${production} of them in production; ${shipped.components.length} shipped`;
  if (args.includes('--check')) {
    console.log(`${summary}: as locked, licences allowed`);
  } else {
    const file = args[0] ?? join(ROOT, 'sbom.cdx.json');
    writeFileSync(file, `${JSON.stringify(shipped, undefined, 2)}\n`);
    console.log(`${file}: ${summary}`);
  }
}
