import { HubError } from '../../common/hub-error.js';

const DECLARED_WHERE: Readonly<Record<string, string>> = {
  config: 'in the file that HUB_CONFIG names',
  environment: 'by a variable of the environment',
  sandbox: 'by the sandbox, for as long as it is switched on',
};

/** 409: a row that somebody else declares; changed here, it would be changed back with the next start. */
export function declaredElsewhere(what: string, managedBy: string, param = 'id'): HubError {
  return new HubError({
    status: 409,
    code: 'declared_elsewhere',
    message: `The ${what} is declared ${DECLARED_WHERE[managedBy] ?? 'elsewhere'}. Change it there.`,
    param,
    shouldRetry: false,
  });
}

/** 409: something else has this name. */
export function nameTaken(what: string, name: string, param: string): HubError {
  return new HubError({
    status: 409,
    code: 'name_taken',
    message: `There is a ${what} "${name}" already.`,
    param,
    shouldRetry: false,
  });
}
