/**
 * What docker-compose.yml must keep to, checked on the parsed file because no Docker engine runs where the hub is
 * developed. Each rule returns plain sentences; an empty list is a pass.
 */

/** The longest drain window the shipped grace period has to cover: the default, plus the time to end what is left. */
const GRACE_MS_MIN = 35_000;
/** Names whose value is a secret, or a URL that holds one. */
const SECRET_NAME = /(PASSWORD|SECRET|KEY|TOKEN|AUTH)$|_URL$/;
const SECRET_FLAG = /^--(requirepass|password|masterauth)$/;
/** A value compose takes from .env and refuses to start without. */
const REQUIRED_VARIABLE = /^\$\{\w+:\?[^}]+\}$/;

/**
 * @param {any} compose the parsed docker-compose.yml
 * @returns {string[]} what is wrong with it
 */
export function composeProblems(compose) {
  const services = Object.entries(compose?.services ?? {});
  const problems = [];
  for (const name of ['hub', 'postgres', 'redis']) {
    if (!compose?.services?.[name]) problems.push(`services.${name} is missing`);
  }
  for (const [name, service] of services) problems.push(...serviceProblems(name, service));
  for (const [name, service] of services) problems.push(...referenceProblems(name, service, compose));
  if (compose?.services?.hub) problems.push(...hubProblems(compose.services.hub));
  for (const name of ['postgres', 'redis']) {
    const service = compose?.services?.[name];
    if (!service) continue;
    if (service.ports) problems.push(`${name}: publishes a port; only the hub may`);
    const open = [...networksOf(service)].filter((network) => !compose.networks?.[network]?.internal);
    if (open.length > 0) problems.push(`${name}: is on ${open.join(', ')}, which is not an internal network`);
  }
  return problems;
}

function serviceProblems(name, service) {
  const problems = [];
  if (!service.healthcheck?.test || service.healthcheck.disable) problems.push(`${name}: has no healthcheck`);
  if (!service.restart) problems.push(`${name}: has no restart policy`);
  if (service.privileged) problems.push(`${name}: is privileged`);
  if (!service.security_opt?.includes('no-new-privileges:true')) problems.push(`${name}: may gain new privileges`);
  if (!service.build && !hasVersion(service.image)) problems.push(`${name}: image ${service.image} has no version tag`);
  for (const [variable, value] of environmentOf(service)) {
    if (SECRET_NAME.test(variable) && hasLiteralSecret(value)) {
      problems.push(`${name}: ${variable} holds a literal secret; write \${NAME:?set it in .env}`);
    }
  }
  const command = Array.isArray(service.command) ? service.command : String(service.command ?? '').split(/\s+/);
  for (const [index, word] of command.entries()) {
    if (SECRET_FLAG.test(word) && !REQUIRED_VARIABLE.test(command[index + 1] ?? '')) {
      problems.push(`${name}: ${word} holds a literal secret; write \${NAME:?set it in .env}`);
    }
  }
  return problems;
}

function hubProblems(hub) {
  const problems = [];
  for (const name of ['postgres', 'redis']) {
    if (hub.depends_on?.[name]?.condition !== 'service_healthy') problems.push(`hub: does not wait for ${name}`);
  }
  if (hub.read_only !== true) problems.push('hub: its root file system is writable');
  if (!hub.tmpfs?.some((mount) => mount.split(':')[0] === '/tmp')) problems.push('hub: has no tmpfs on /tmp');
  if (!hub.cap_drop?.includes('ALL')) problems.push('hub: keeps capabilities');
  if (!hub.user || /^(root|0)(:|$)/.test(hub.user)) problems.push('hub: runs as root');
  if (durationMs(hub.stop_grace_period) <= GRACE_MS_MIN) {
    problems.push(`hub: stop_grace_period must be longer than the drain window and its end (${GRACE_MS_MIN / 1000}s)`);
  }
  const environment = new Map(environmentOf(hub));
  for (const variable of ['HUB_MASTER_KEY', 'HUB_ADMIN_PASSWORD']) {
    if (!REQUIRED_VARIABLE.test(environment.get(variable) ?? '')) problems.push(`hub: ${variable} is not required`);
  }
  if (environment.get('NODE_ENV') !== 'production') problems.push('hub: NODE_ENV is not production');
  for (const port of hub.ports ?? []) {
    if (!String(port).startsWith('127.0.0.1:'))
      problems.push(`hub: port ${port} is open beyond this machine, without TLS`);
  }
  return problems;
}

/** Networks, volumes and services that are named must be declared: what the schema alone does not see. */
function referenceProblems(name, service, compose) {
  const problems = [];
  for (const network of networksOf(service)) {
    if (!(network in (compose.networks ?? {}))) problems.push(`${name}: network ${network} is not declared`);
  }
  for (const mount of service.volumes ?? []) {
    const source = String(mount).split(':')[0] ?? '';
    if (!/^[./~]/.test(source) && !(source in (compose.volumes ?? {}))) {
      problems.push(`${name}: volume ${source} is not declared`);
    }
  }
  for (const other of Object.keys(service.depends_on ?? {})) {
    if (!(other in compose.services)) problems.push(`${name}: depends on ${other}, which is not declared`);
  }
  return problems;
}

function networksOf(service) {
  return new Set(Array.isArray(service.networks) ? service.networks : Object.keys(service.networks ?? { default: {} }));
}

function environmentOf(service) {
  const environment = service.environment ?? {};
  if (!Array.isArray(environment)) return Object.entries(environment).map(([name, value]) => [name, String(value)]);
  return environment.map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]);
}

/** A URL may stand in the open but for its password; any other secret is one required variable and nothing more. */
function hasLiteralSecret(value) {
  if (!/^\w+:\/\//.test(value)) return !REQUIRED_VARIABLE.test(value);
  const [, user = ''] = /^\w+:\/\/([^@/]*)@/.exec(value) ?? [];
  const password = user.slice(user.indexOf(':') + 1);
  return user.includes(':') && !REQUIRED_VARIABLE.test(password);
}

function hasVersion(image) {
  const tag = /:([\w.-]+)$/.exec(image ?? '')?.[1];
  return tag !== undefined && tag !== 'latest' && /\d/.test(tag);
}

function durationMs(text) {
  const parts = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(String(text ?? ''));
  return parts ? (Number(parts[1] ?? 0) * 60 + Number(parts[2] ?? 0)) * 1000 : 0;
}

/** Every variable the file requires, so that a dummy .env can be made for `docker compose config`. */
export function requiredVariables(text) {
  return [...new Set([...text.matchAll(/\$\{(\w+):\?/g)].map((match) => match[1]))].sort();
}
