import { KEY_PLACEHOLDER } from '../openapi/build-openapi-document.js';
import { STATUS_MEANINGS } from '../operations/responses.js';
import { codeBlock } from '../page/code-block.js';
import type { Endpoint } from '../page/endpoints.js';
import { heading } from '../page/heading.js';
import { html, prose, type SafeHtml } from '../page/html.js';
import type { Language } from '../page/language.js';
import type { PageLinks } from '../page/page-links.js';
import { routeLine } from '../page/route-line.js';
import { DOCUMENT_ENDPOINTS, type DocumentEndpoint } from './document-endpoints.js';
import { DOCUMENT_STATUSES, ERROR_NOTES, GUIDE, MORE_STREAMING_NOTES, STREAMING_NOTES } from './guide-texts.js';
import {
  documentStreamSample,
  eventSourceSample,
  fetchSample,
  nodeSample,
  pythonSample,
  pythonStreamSample,
} from './samples.js';

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
  const steps = [
    [GUIDE.stepKey, GUIDE.stepKeyText, GUIDE.stepKeyNote],
    [GUIDE.stepSend, GUIDE.stepSendText],
    [GUIDE.stepRead, GUIDE.stepReadText],
  ] as const;
  return html`<section id="quick-start">${heading(2, 'quick-start', GUIDE.quickStart[language])}
<ol class="steps">${steps.map(
    ([title, text, note], index) =>
      html`<li><span class="step-number">0${index + 1}</span><h3>${title[language]}</h3><p>${prose(text[language])}</p>${
        note && html`<p class="note">${prose(note[language])}</p>`
      }</li>`,
  )}</ol></section>`;
}

/** How a caller shows who it is. */
export function authentication(language: Language): SafeHtml {
  return html`<section id="authentication">${heading(2, 'authentication', GUIDE.authentication[language])}
<h3>${GUIDE.authenticationKey[language]}</h3><p class="lead">${GUIDE.authenticationText[language]}</p>
<div class="stack">${codeBlock('HTTP', `Authorization: Bearer ${KEY_PLACEHOLDER}`, 'text', language)}</div>
<p class="note">${GUIDE.authenticationNote[language]}</p></section>`;
}

/** The id of an endpoint's part of the guide. */
export function partId({ operationId }: DocumentEndpoint): string {
  return `endpoint-${operationId}`;
}

/** The endpoints of the API document that are served. */
export function servedDocumentEndpoints(
  served: ReadonlyMap<string, Endpoint>,
): readonly { readonly shown: DocumentEndpoint; readonly endpoint: Endpoint }[] {
  return DOCUMENT_ENDPOINTS.flatMap((shown) => {
    const endpoint = served.get(shown.operationId);
    return endpoint ? [{ shown, endpoint }] : [];
  });
}

/** The public endpoints with the examples of the API document. */
export function publicEndpoints(served: ReadonlyMap<string, Endpoint>, links: PageLinks, language: Language): SafeHtml {
  return html`<section id="endpoints">${heading(2, 'endpoints', GUIDE.endpoints[language])}<p class="lead">${GUIDE.endpointsText[language]}</p>
${servedDocumentEndpoints(served).map(({ shown, endpoint }) => {
  const { request, response, title } = shown;
  const [command] = endpoint.operation['x-codeSamples'];
  const blocks = [
    request && codeBlock(GUIDE.request[language], request[language], 'json', language),
    response === undefined ? undefined : codeBlock(GUIDE.response[language], response, 'json', language),
    command && codeBlock(GUIDE.curl[language], command.source, 'shell', language),
  ].filter((block) => block !== undefined);
  return html`<article class="public-endpoint" id="${partId(shown)}">
${routeLine(endpoint, language, shown.query)}
${heading(3, partId(shown), title[language])}
<div class="examples examples-${blocks.length}">${blocks}</div>
<p class="more-link"><a href="${links.reference(language)}#${shown.operationId}">${GUIDE.fieldsNote[language]} →</a></p>
</article>`;
})}</section>`;
}

/** How to read a stream. */
export function streaming(origin: string, language: Language): SafeHtml {
  return html`<section id="streaming">${heading(2, 'streaming', GUIDE.streaming[language])}<p class="lead">${prose(GUIDE.streamingText[language])}</p>
<div class="stack">
${codeBlock(GUIDE.javascript[language], documentStreamSample(origin, KEY_PLACEHOLDER, language), 'javascript', language)}
${codeBlock(GUIDE.python[language], pythonStreamSample(origin, KEY_PLACEHOLDER, language), 'python', language)}
</div>
<h3>${GUIDE.notes[language]}</h3>
${bullets([...STREAMING_NOTES, ...MORE_STREAMING_NOTES].map((note) => note[language]))}
<h3 id="streaming-production"><a class="heading-link" href="#streaming-production">${GUIDE.sturdyNote[language]}</a></h3>
<p class="lead">${GUIDE.sturdyTextNote[language]}</p>
<div class="stack">
${codeBlock(GUIDE.sturdyFetchNote[language], fetchSample(origin, KEY_PLACEHOLDER, language), 'javascript', language)}
${codeBlock(GUIDE.sturdyEventSourceNote[language], eventSourceSample(origin, KEY_PLACEHOLDER, language), 'javascript', language)}
</div></section>`;
}

/** How to use the official clients. */
export function sdks(origin: string, language: Language): SafeHtml {
  const sdk = (mark: string, name: string, install: string, code: string, codeLanguage: 'python' | 'javascript') =>
    html`<div><h3><span class="mark" aria-hidden="true">${mark}</span> ${name}</h3>
${codeBlock(GUIDE.install[language], install, 'shell', language)}
${codeBlock(GUIDE.use[language], code, codeLanguage, language)}</div>`;
  return html`<section id="sdks">${heading(2, 'sdks', GUIDE.sdks[language])}<p class="lead">${GUIDE.sdksText[language]}</p><div class="pair">
${sdk('Py', 'Python SDK', 'pip install openai', pythonSample(origin, KEY_PLACEHOLDER, language), 'python')}
${sdk('JS', 'Node.js SDK', 'npm install openai', nodeSample(origin, KEY_PLACEHOLDER, language), 'javascript')}
</div></section>`;
}

/** What each status means and how refusals look. */
export function errors(language: Language): SafeHtml {
  const documented = DOCUMENT_STATUSES.map(({ status, meaning, detail }) =>
    statusRow(status, meaning[language], detail?.[language]),
  );
  const others = Object.entries(STATUS_MEANINGS)
    .filter(([status]) => DOCUMENT_STATUSES.every((each) => each.status !== Number(status)))
    .map(([status, meaning]) => statusRow(Number(status), meaning[language]));
  return html`<section id="errors">${heading(2, 'errors', GUIDE.errors[language])}<div class="pair">
<table><thead><tr><th scope="col">${GUIDE.status[language]}</th><th scope="col">${GUIDE.meaning[language]}</th></tr></thead><tbody>${documented}</tbody>
<tbody><tr><th scope="rowgroup" colspan="2">${GUIDE.moreStatuses[language]}</th></tr>${others}</tbody></table>
<div>${codeBlock(GUIDE.relayErrorNote[language], JSON.stringify(RELAY_ERROR, undefined, 2), 'json', language)}
${codeBlock(GUIDE.restErrorNote[language], JSON.stringify(REST_ERROR, undefined, 2), 'json', language)}
${bullets(ERROR_NOTES.map((note) => note[language]))}</div></div></section>`;
}

function statusRow(status: number, meaning: string, detail?: string): SafeHtml {
  return html`<tr id="status-${status}"><td><code>${status}</code></td><td>${prose(meaning)}${
    detail === undefined ? undefined : html`<span class="detail">${prose(detail)}</span>`
  }</td></tr>`;
}

function bullets(notes: readonly string[]): SafeHtml {
  return html`<ul class="notes">${notes.map((note) => html`<li>${prose(note)}</li>`)}</ul>`;
}
