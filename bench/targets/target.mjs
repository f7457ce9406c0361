// @ts-check

/**
 * @typedef {object} Target something that answers the bench requests
 * @property {string} name
 * @property {number} pid
 * @property {number} port
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {boolean} isRelay false for the upstream itself
 * @property {string} about one line for the head of the report
 * @property {string} [model] asked for instead of the ordinary one
 * @property {'chat' | 'responses' | 'messages'} [format] in which it is asked and answers; default chat
 * @property {readonly string[]} [workloads] the only ones it takes part in; default all
 * @property {() => string | null} [noteOfRow] called after each row: a remark on it, or null
 */

export {};
