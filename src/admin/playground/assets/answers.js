// What both pages at /graphql need: sending operations, and answers of one shape whatever answered.
const HEADERS = { 'content-type': 'application/json', 'x-hub-csrf': '1' };
export const PROBLEMS = JSON.parse(document.body.dataset.problems);
const problem = document.getElementById('problem');

export function showProblem(text) {
  problem.textContent = text;
  problem.hidden = text === '';
}

export function send(parameters, { accept = 'application/json', signal } = {}) {
  return fetch('graphql', {
    method: 'POST',
    headers: { ...HEADERS, accept },
    body: JSON.stringify(parameters),
    signal,
  });
}

export function failure(message, extensions) {
  return { errors: [{ message, extensions }] };
}

// A refusal of the whole request (401, 403, 429) has the shape of the hub's other routes, one of a proxy any shape.
export async function readAnswer(response) {
  const { status } = response;
  let body;
  try {
    body = JSON.parse(await response.text());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (body?.data !== undefined || Array.isArray(body?.errors)) return body;
  if (typeof body?.message === 'string') return failure(body.message, { code: body.code, status });
  return failure(`${PROBLEMS.unexpected} (HTTP ${status})`, { status });
}

// In the reader's language where the page has it.
export function textOf({ errors }) {
  const [error] = errors ?? [];
  return PROBLEMS[error?.extensions?.code] ?? error?.message ?? PROBLEMS.unexpected;
}
