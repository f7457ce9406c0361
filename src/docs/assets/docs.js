const PLACEHOLDER_SELECTOR = '[data-key]';
/** Relative, so that a path prefix in front of the hub is kept. */
const API = 'api/relay/v1';

/** Also where the clipboard API is missing, as it is on plain http. */
async function copyText(source) {
  if (navigator.clipboard) return navigator.clipboard.writeText(source.textContent);
  getSelection().selectAllChildren(source);
  document.execCommand('copy');
  getSelection().removeAllRanges();
}

function bindCopy(button) {
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener('click', async () => {
    await copyText(button.closest('.code').querySelector('code'));
    button.textContent = button.dataset.copied;
    setTimeout(() => {
      button.textContent = label;
    }, 1600);
  });
}

/** Marks the entry of the part that is being read. */
function followReading() {
  const links = new Map();
  for (const link of document.querySelectorAll('.side a')) links.set(link.hash.slice(1), link);
  const parts = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  let current;
  const update = () => {
    // A narrow screen shows only the upper entries.
    const shown = parts.filter((each) => !each.hidden && links.get(each.id).offsetParent !== null);
    const part = shown.findLast((each) => each.getBoundingClientRect().top < 140) ?? shown[0];
    const link = part && links.get(part.id);
    if (!link || link === current) return;
    current?.removeAttribute('aria-current');
    link.setAttribute('aria-current', 'true');
    current = link;
    const side = link.closest('.side');
    const { offsetLeft, offsetTop } = link;
    side.scrollTo({ left: offsetLeft - side.clientWidth / 2, top: offsetTop - side.clientHeight / 2 });
  };
  let isPlanned = false;
  const plan = () => {
    if (isPlanned) return;
    isPlanned = true;
    requestAnimationFrame(() => {
      isPlanned = false;
      update();
    });
  };
  addEventListener('scroll', plan, { passive: true });
  addEventListener('resize', plan);
  update();
}

/** Puts the reader's key into every sample; an empty field brings the placeholder back. */
function fillKeys(input) {
  const places = [...document.querySelectorAll(PLACEHOLDER_SELECTOR)];
  const placeholder = input.placeholder;
  input.addEventListener('input', () => {
    for (const place of places) place.textContent = input.value.trim() || placeholder;
  });
}

async function failureOf(response) {
  const body = await response.json().catch(() => undefined);
  return `${response.status} ${body?.message ?? response.statusText}`;
}

/** Hands each piece of text to `onText`; throws when the stream reports an error or ends without `[DONE]`. */
async function readStream(response, cutMessage, onText) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let buffer = '';
  while (true) {
    const { done, value } = await reader.read();
    if (done) throw new Error(cutMessage);
    buffer += decoder.decode(value, { stream: true });
    const events = buffer.split('\n\n');
    buffer = events.pop();
    for (const event of events) {
      if (!event.startsWith('data: ')) continue;
      const data = event.slice(6);
      if (data === '[DONE]') return;
      const parsed = JSON.parse(data);
      if (parsed.error) throw new Error(parsed.error.message);
      onText(parsed.choices?.[0]?.delta?.content ?? '');
    }
  }
}

/** Offers the models that the key may use, and picks one when the suggested model is not among them. */
async function offerModels(key, modelInput) {
  const response = await fetch(`${API}/models`, { headers: { Authorization: `Bearer ${key}` } });
  if (!response.ok) return;
  const { data } = await response.json();
  const ids = data.map((model) => model.id);
  modelInput.list.replaceChildren(...ids.map((id) => new Option(id, id)));
  if (ids.length > 0 && !ids.includes(modelInput.value)) modelInput.value = ids[0];
}

function bindTryIt(form) {
  const { key, model, message, answer } = form.elements;
  const stop = form.querySelector('[data-stop]');
  const send = form.querySelector('[type=submit]');
  let running;

  key.addEventListener('change', () => offerModels(key.value.trim(), model).catch(() => undefined));
  stop.addEventListener('click', () => running?.abort());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    running = new AbortController();
    answer.value = '';
    answer.classList.remove('failed');
    send.disabled = true;
    stop.hidden = false;
    try {
      const response = await fetch(`${API}/chat/completions`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${key.value.trim()}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({
          model: model.value.trim(),
          messages: [{ role: 'user', content: message.value }],
          stream: true,
        }),
        signal: running.signal,
      });
      if (!response.ok) throw new Error(await failureOf(response));
      await readStream(response, form.dataset.cut, (text) => answer.append(text));
    } catch (error) {
      if (error.name === 'AbortError') return;
      answer.classList.add('failed');
      answer.append(`${answer.value === '' ? '' : '\n\n'}${error.message}`);
    } finally {
      send.disabled = false;
      stop.hidden = true;
    }
  });
}

/** Takes the part that is being read along to the page in the other language. */
function bindLanguages(side) {
  for (const link of document.querySelectorAll('.languages a')) {
    link.addEventListener('click', () => {
      link.hash = side.querySelector('[aria-current]')?.hash ?? '';
    });
  }
}

for (const button of document.querySelectorAll('button.copy')) bindCopy(button);
for (const input of document.querySelectorAll('[data-fills-key]')) {
  fillKeys(input);
  input.closest('[hidden]')?.removeAttribute('hidden');
  // Enter in the field of the reference sends nothing anywhere.
  input.form.addEventListener('submit', (event) => event.preventDefault());
}
const form = document.querySelector('form.try');
if (form) bindTryIt(form);
followReading();
bindLanguages(document.querySelector('.side'));
