// The sign-in form at /graphql. The session lands in a cookie that no script can read.
import { PROBLEMS, readAnswer, send, showProblem, textOf } from './answers.js';

const form = document.getElementById('sign-in');
const secondFactor = document.getElementById('second-factor');

const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { __typename }
}`;

async function signIn(input) {
  const answer = await readAnswer(await send({ query: SIGN_IN, variables: { input } }));
  const outcome = answer.data?.signIn?.__typename;
  if (outcome === 'SignedIn') location.reload();
  else if (outcome === 'SecondFactorNeeded') askForCode();
  else showProblem(textOf(answer));
}

function askForCode() {
  secondFactor.hidden = false;
  const field = secondFactor.querySelector('input');
  field.required = true;
  field.focus();
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  showProblem('');
  const { code, ...fields } = Object.fromEntries(new FormData(form));
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    await signIn({ ...fields, ...(code && { code }), keep: 'COOKIE' });
  } catch {
    showProblem(PROBLEMS.unreachable);
  } finally {
    button.disabled = false;
  }
});

// Somebody else may have no second factor.
form.elements.email.addEventListener('input', () => {
  const field = secondFactor.querySelector('input');
  secondFactor.hidden = true;
  field.required = false;
  field.value = '';
});
