import { type HubError, invalidRequest } from '../../../common/hub-error.js';

const CODE = 'unsupported_parameter';

/** 400 for what would need something that the hub keeps between requests, which it does not. */
export function statelessRefusal(param: string, what: string): HubError {
  return invalidRequest(
    `${what} The hub keeps no responses: send the whole conversation as "input", the output items of earlier responses included, and leave out "${param}".`,
    param,
    CODE,
  );
}

/** 400 for what no upstream of the hub could be asked for in the caller's name. */
export function refusal(param: string, message: string): HubError {
  return invalidRequest(message, param, CODE);
}
