// GraphiQL on the hub's own endpoint. Queries and mutations are plain requests, subscriptions are event streams.
const HEADERS = { 'content-type': 'application/json', 'x-hub-csrf': '1' };

const FIRST_QUERY = `# The admin API of this hub. Press Ctrl-Enter to run what stands here;
# the book on the left has every type and field with its meaning.
query Welcome {
  me {
    email
    role
    permissions
  }
}
`;

function send(parameters, accept) {
  return fetch('/graphql', {
    method: 'POST',
    headers: { ...HEADERS, accept },
    body: JSON.stringify(parameters),
  });
}

async function* events(parameters) {
  const response = await send(parameters, 'text/event-stream');
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    yield await response.json();
    return;
  }
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of response.body) {
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
}

function isSubscription({ query, operationName }, document) {
  const operations = document?.definitions?.filter(({ kind }) => kind === 'OperationDefinition') ?? [];
  const chosen = operations.find(({ name }) => name?.value === operationName) ?? operations[0];
  return chosen === undefined ? /^\s*subscription\b/.test(query) : chosen.operation === 'subscription';
}

async function fetcher(parameters, options) {
  if (isSubscription(parameters, options?.documentAST)) return events(parameters);
  return (await send(parameters, 'application/json')).json();
}

const root = ReactDOM.createRoot(document.getElementById('graphiql'));
root.render(React.createElement(GraphiQL, { fetcher, defaultQuery: FIRST_QUERY, isHeadersEditorEnabled: false }));

document.getElementById('sign-out').addEventListener('click', async () => {
  await send({ query: 'mutation { signOut { endedSessions } }' }, 'application/json');
  location.reload();
});
