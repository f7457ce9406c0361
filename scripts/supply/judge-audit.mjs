const GRAVE = new Set(['high', 'critical']);

/** @typedef {{ advisory: string, until: string, why: string }} AuditException `advisory` such as GHSA-xxxx-xxxx-xxxx; `until` a day (YYYY-MM-DD), the last one on which it holds */

/**
 * Reads what `npm audit --json` said.
 *
 * @param {object} report
 * @param {readonly AuditException[]} exceptions
 * @param {string} today YYYY-MM-DD
 * @returns {{ problems: string[] } | { skipped: string }} `skipped` when the registry gave no report
 * @throws Error when the report has a form that is not known: reading nothing in it would look like no weakness.
 */
export function judgeAudit(report, exceptions, today) {
  if (report.error !== undefined) {
    return { skipped: report.message ?? report.error.summary ?? report.error.code ?? 'no reason given' };
  }
  if (report.auditReportVersion !== 2) throw new Error('npm audit answered in a form that is not known');
  const found = advisories(report);
  const live = new Set(exceptions.filter(({ until }) => until >= today).map(({ advisory }) => advisory));
  const seen = new Set(found.map(({ id }) => id));
  return {
    problems: [
      ...found
        .filter(({ id }) => !live.has(id))
        .map(({ id, severity, name, title }) => `${name}: ${severity}, ${title} (${id})`),
      ...exceptions
        .filter(({ until }) => until < today)
        .map(({ advisory, until }) => `the exception for ${advisory} ended on ${until}`),
      ...exceptions
        .filter(({ advisory }) => !seen.has(advisory))
        .map(({ advisory }) => `the exception for ${advisory} is for nothing that was found`),
    ],
  };
}

/** The high and critical ones, once each, however many packages they reach. */
function advisories({ vulnerabilities }) {
  const byId = new Map();
  for (const { via } of Object.values(vulnerabilities)) {
    // A word in `via` names another package of this list, where the advisory itself stands.
    for (const advisory of via.filter((each) => typeof each === 'object' && GRAVE.has(each.severity))) {
      const id = /GHSA(-\w{4}){3}$/.exec(advisory.url)?.[0] ?? String(advisory.source);
      byId.set(id, { id, severity: advisory.severity, name: advisory.name, title: advisory.title });
    }
  }
  return [...byId.values()];
}
