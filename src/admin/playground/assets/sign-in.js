// The sign-in form at /graphql. The session lands in a cookie that no script can read.
const form = document.getElementById('sign-in');
const problem = document.getElementById('problem');
const secondFactor = document.getElementById('second-factor');

const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { __typename ... on SecondFactorNeeded { message } }
}`;

function show(text) {
  problem.textContent = text;
  problem.hidden = text === '';
}

async function signIn(input) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-csrf': '1' },
    body: JSON.stringify({ query: SIGN_IN, variables: { input } }),
  });
  const { data, errors, message } = await response.json();
  return { outcome: data?.signIn, text: errors?.[0]?.message ?? message };
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  show('');
  const fields = new FormData(form);
  const code = fields.get('code');
  const input = { email: fields.get('email'), password: fields.get('password'), keep: 'COOKIE' };
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    const { outcome, text } = await signIn(code ? { ...input, code } : input);
    if (outcome?.__typename === 'SignedIn') {
      location.reload();
      return;
    }
    if (outcome?.__typename === 'SecondFactorNeeded') {
      secondFactor.hidden = false;
      secondFactor.querySelector('input').focus();
    }
    show(outcome?.message ?? text ?? 'The hub did not answer as expected.');
  } catch {
    show('The hub cannot be reached.');
  } finally {
    button.disabled = false;
  }
});
