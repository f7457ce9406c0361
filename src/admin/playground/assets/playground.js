// GraphiQL on the hub's own endpoint. Queries and mutations are plain requests, subscriptions are event streams.
import { failure, PROBLEMS, readAnswer, send, showProblem, textOf } from './answers.js';

const FIRST_QUERY = `# The admin API of this hub.
# Ctrl-Enter runs what stands here, Ctrl-Space
# completes it. The book on the left has every
# type and field with its meaning.
query Welcome {
  me {
    email
    role
    permissions
  }
}
`;

// Operations may have passwords and credentials in them: they stay in this tab, and end with it or with the session.
const storage = sessionStorage;

async function* readEvents(body) {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    const parts = text.split('\n\n');
    text = parts.pop();
    for (const part of parts) {
      const lines = part.split('\n');
      const name = lines.find((line) => line.startsWith('event: '))?.slice(7);
      const data = lines.find((line) => line.startsWith('data: '))?.slice(6);
      if (name === 'complete') return;
      if (name === 'next' && data) yield JSON.parse(data);
    }
  }
  yield failure(PROBLEMS.unreachable);
}

async function* eventsOf(parameters, signal) {
  const response = await send(parameters, { accept: 'text/event-stream', signal });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) yield* readEvents(response.body);
  else yield await readAnswer(response);
}

// A generator that waits for bytes hears of its end only when some come, so stopping ends the request itself.
function subscribe(parameters) {
  const stop = new AbortController();
  const events = eventsOf(parameters, stop.signal);
  return {
    next: () => events.next().catch((error) => (stop.signal.aborted ? { done: true } : Promise.reject(error))),
    async return() {
      stop.abort();
      return { done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function isSubscription({ query, operationName }, document) {
  const operations = document?.definitions?.filter(({ kind }) => kind === 'OperationDefinition') ?? [];
  const chosen = operations.find(({ name }) => name?.value === operationName) ?? operations[0];
  return chosen === undefined ? /^\s*subscription\b/.test(query) : chosen.operation === 'subscription';
}

async function fetcher(parameters, options) {
  if (isSubscription(parameters, options?.documentAST)) return subscribe(parameters);
  return readAnswer(await send(parameters));
}

async function signOut() {
  const answer = await readAnswer(await send({ query: 'mutation { signOut }' }));
  const isOver = answer.errors?.[0]?.extensions?.code === 'sign_in_needed';
  if (answer.data?.signOut !== true && !isOver) {
    showProblem(textOf(answer));
    return;
  }
  storage.clear();
  // GraphiQL writes its tabs down again a moment after each change; a page that is gone does not.
  location.reload();
}

document.getElementById('sign-out').addEventListener('click', () => {
  showProblem('');
  signOut().catch(() => showProblem(PROBLEMS.unreachable));
});

const root = ReactDOM.createRoot(document.getElementById('graphiql'));
root.render(
  React.createElement(GraphiQL, { fetcher, storage, defaultQuery: FIRST_QUERY, isHeadersEditorEnabled: false }),
);
