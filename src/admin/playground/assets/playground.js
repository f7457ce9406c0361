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

// Operations may have passwords and credentials in them: they stay in this tab, and end with it or with the session. GraphiQL writes its
// tabs down a moment after each change, so what it writes once the session is over is dropped: the page lives on until the next has come.
let isOver = false;
const storage = {
  get length() {
    return sessionStorage.length;
  },
  getItem: (key) => sessionStorage.getItem(key),
  setItem: (key, value) => {
    if (!isOver) sessionStorage.setItem(key, value);
  },
  removeItem: (key) => sessionStorage.removeItem(key),
  clear: () => sessionStorage.clear(),
};

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

// The operations of a document, in order. GraphiQL's own idea of them is a moment old: what is pasted and run at once would be run as
// what stood there before.
function operationsOf(query) {
  const bare = query.replace(/"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#.*/g, ' ');
  const operations = [];
  let depth = 0;
  for (const [token, kind, name] of bare.matchAll(/[{(]|[})]|\b(query|mutation|subscription)\b\s*(\w+)?/g)) {
    if (kind !== undefined) {
      if (depth === 0) operations.push({ kind, name });
    } else depth += token === '{' || token === '(' ? 1 : -1;
  }
  return operations;
}

async function fetcher({ operationName, ...parameters }) {
  const operations = operationsOf(parameters.query);
  const named = operations.find(({ name }) => name === operationName);
  const wanted = named === undefined ? parameters : { ...parameters, operationName };
  if ((named ?? operations[0])?.kind === 'subscription') return subscribe(wanted);
  return readAnswer(await send(wanted));
}

async function signOut() {
  const answer = await readAnswer(await send({ query: 'mutation { signOut }' }));
  isOver = answer.data?.signOut === true || answer.errors?.[0]?.extensions?.code === 'sign_in_needed';
  if (!isOver) {
    showProblem(textOf(answer));
    return;
  }
  storage.clear();
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
