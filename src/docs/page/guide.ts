import { KEY_PLACEHOLDER } from '../openapi/build-openapi-document.js';
import { STATUS_MEANINGS } from '../operations/responses.js';
import { codeBlock } from './code-block.js';
import { html, prose, type SafeHtml } from './html.js';
import type { Language } from './language.js';
import { eventSourceSample, fetchSample, nodeSample, pythonSample, pythonStreamSample } from './samples.js';
import { ERROR_NOTES, STREAMING_NOTES, TEXTS } from './texts.js';

const RELAY_ERROR = {
  error: {
    message: 'The model gpt-9 does not exist.',
    type: 'invalid_request_error',
    param: 'model',
    code: 'model_not_found',
  },
  message: 'The model gpt-9 does not exist.',
};
const REST_ERROR = { success: false, message: 'There is nothing at this address.', code: 'not_found' };

/** Three steps from nothing to an answer. */
export function quickStart(language: Language): SafeHtml {
  const texts = TEXTS[language];
  const steps = [
    [texts.stepKey, texts.stepKeyText],
    [texts.stepSend, texts.stepSendText],
    [texts.stepRead, texts.stepReadText],
  ] as const;
  return html`<section id="quick-start"><h2>${texts.quickStart}</h2><p class="lead">${texts.quickStartLead}</p>
<ol class="steps">${steps.map(
    ([title, text], index) =>
      html`<li><span class="step-number">0${index + 1}</span><h3>${title}</h3><p>${prose(text)}</p></li>`,
  )}</ol></section>`;
}

/** The form that asks the hub itself. Hidden until the script of the page has bound it. */
export function tryIt(language: Language): SafeHtml {
  const texts = TEXTS[language];
  return html`<section id="try-it" hidden><h2>${texts.tryIt}</h2><p class="lead">${texts.tryItLead}</p>
<form class="try" autocomplete="off" data-cut="${texts.tryCut}">
<label class="try-key"><span>${texts.tryKey}</span><input name="key" type="password" autocomplete="off" spellcheck="false" placeholder="${KEY_PLACEHOLDER}" required></label>
<label class="try-model"><span>${texts.tryModel}</span><input name="model" value="gpt-4" list="known-models" spellcheck="false" required><datalist id="known-models"></datalist></label>
<label class="try-message"><span>${texts.tryMessage}</span><textarea name="message" rows="2" required>${texts.tryMessageDefault}</textarea></label>
<p class="try-actions"><button type="submit">${texts.trySend}</button><button type="button" data-stop hidden>${texts.tryStop}</button></p>
<output name="answer" aria-live="polite" data-empty="${texts.tryAnswer}"></output>
</form></section>`;
}

/** How a caller shows who it is. */
export function authentication(language: Language): SafeHtml {
  const texts = TEXTS[language];
  return html`<section id="authentication"><h2>${texts.authentication}</h2><p class="lead">${prose(texts.authenticationText)}</p>
${codeBlock(texts.header, `Authorization: Bearer ${KEY_PLACEHOLDER}`, 'text', language)}</section>`;
}

/** How to read a stream. */
export function streaming(origin: string, language: Language): SafeHtml {
  const texts = TEXTS[language];
  return html`<section id="streaming"><h2>${texts.streaming}</h2><p class="lead">${prose(texts.streamingText)}</p>
<div class="stack">${codeBlock(
    'JavaScript · fetch + ReadableStream',
    fetchSample(origin, KEY_PLACEHOLDER, language),
    'javascript',
    language,
  )}${codeBlock(
    'JavaScript · EventSource',
    eventSourceSample(origin, KEY_PLACEHOLDER, language),
    'javascript',
    language,
  )}${codeBlock(texts.pythonStream, pythonStreamSample(origin, KEY_PLACEHOLDER, language), 'python', language)}</div>
${bullets(STREAMING_NOTES.map((note) => note[language]))}</section>`;
}

/** How to use the official clients. */
export function sdks(origin: string, language: Language): SafeHtml {
  const texts = TEXTS[language];
  const sdk = (name: string, install: string, code: SafeHtml) =>
    html`<div><h3>${name}</h3>${codeBlock(texts.install, install, 'shell', language)}${code}</div>`;
  return html`<section id="sdks"><h2>${texts.sdks}</h2><p class="lead">${texts.sdksText}</p><div class="pair">
${sdk('Python', 'pip install openai', codeBlock(texts.use, pythonSample(origin, KEY_PLACEHOLDER, language), 'python', language))}
${sdk('Node.js', 'npm install openai', codeBlock(texts.use, nodeSample(origin, KEY_PLACEHOLDER, language), 'javascript', language))}
</div></section>`;
}

/** What each status means and how refusals look. */
export function errors(language: Language): SafeHtml {
  const texts = TEXTS[language];
  const rows = Object.entries(STATUS_MEANINGS).map(
    ([status, meaning]) => html`<tr><td><code>${status}</code></td><td>${prose(meaning[language])}</td></tr>`,
  );
  return html`<section id="errors"><h2>${texts.errors}</h2><div class="pair">
<div><table><thead><tr><th scope="col">${texts.status}</th><th scope="col">${texts.meaning}</th></tr></thead><tbody>${rows}</tbody></table></div>
<div>${codeBlock(texts.relayError, JSON.stringify(RELAY_ERROR, undefined, 2), 'json', language)}
${codeBlock(texts.restError, JSON.stringify(REST_ERROR, undefined, 2), 'json', language)}
${bullets(ERROR_NOTES.map((note) => note[language]))}</div></div></section>`;
}

function bullets(notes: readonly string[]): SafeHtml {
  return html`<ul class="notes">${notes.map((note) => html`<li>${prose(note)}</li>`)}</ul>`;
}
