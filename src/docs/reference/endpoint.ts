import type { JsonSchema } from '../../common/api-operation.decorator.js';
import type { OpenApiContent, OpenApiOperation } from '../openapi/openapi-document.js';
import { STATUS_MEANINGS } from '../operations/responses.js';
import { codeBlock } from '../page/code-block.js';
import type { Endpoint } from '../page/endpoints.js';
import { heading } from '../page/heading.js';
import { html, prose, type SafeHtml } from '../page/html.js';
import { type Language, localized } from '../page/language.js';
import type { PageLinks } from '../page/page-links.js';
import { routeLine } from '../page/route-line.js';
import { TEXTS } from '../page/texts.js';
import { type Field, fieldList, fieldsOf } from './schema-fields.js';

type Schemas = Readonly<Record<string, JsonSchema>>;

/** Method and path, what they do, fields on one side; curl and example bodies on the other. */
export function endpointSection(endpoint: Endpoint, schemas: Schemas, links: PageLinks, language: Language): SafeHtml {
  const { operation } = endpoint;
  const texts = TEXTS[language];
  const description = localized(operation, 'description', language);
  return html`<article class="endpoint" id="${operation.operationId}">
<div class="about">
${heading(3, operation.operationId, localized(operation, 'summary', language))}
${routeLine(endpoint, language)}
${description === '' ? undefined : html`<p>${prose(description)}</p>`}
${fields(operation, schemas, language)}
${statuses(operation, links, language)}
</div>
<div class="samples">
${operation['x-codeSamples'].map(({ label, source }) => codeBlock(label, source, 'shell', language))}
${examples(texts.request, operation.requestBody?.content ?? {}, language)}
${examples(texts.response, operation.responses['200']?.content ?? {}, language)}
</div>
</article>`;
}

function fields(operation: OpenApiOperation, schemas: Schemas, language: Language): SafeHtml {
  const texts = TEXTS[language];
  const parameters = (operation.parameters ?? []).map(
    (parameter): Field => ({
      name: parameter.name,
      schema: parameter.schema,
      isRequired: parameter.required,
      description: localized(parameter, 'description', language),
    }),
  );
  const [requestType, requestBody] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const answer = operation.responses['200']?.content?.['application/json'];
  const answerFields = answer ? fieldsOf(answer.schema, schemas, language) : [];
  return html`${
    parameters.length > 0 ? html`<h4>${texts.parameters}</h4>${fieldList(parameters, language)}` : undefined
  }${
    requestBody
      ? html`<h4>${texts.requestFields} <span class="media-type">${requestType}</span></h4>${fieldList(
          fieldsOf(requestBody.schema, schemas, language),
          language,
        )}${note(requestBody, schemas, language)}`
      : undefined
  }${
    answerFields.length > 0
      ? html`<details><summary>${texts.responseFields}</summary>${fieldList(answerFields, language)}</details>`
      : undefined
  }`;
}

/** What a shared request schema says about itself as a whole. */
function note(content: OpenApiContent, schemas: Schemas, language: Language): SafeHtml | undefined {
  const name =
    String(content.schema['$ref'] ?? '')
      .split('/')
      .at(-1) ?? '';
  const description = localized(schemas[name] ?? {}, 'description', language);
  return description === '' ? undefined : html`<p class="note">${prose(description)}</p>`;
}

function statuses(operation: OpenApiOperation, links: PageLinks, language: Language): SafeHtml | undefined {
  const others = Object.entries(operation.responses).filter(([status]) => status !== '200');
  if (others.length === 0) return undefined;
  const chips = others.map(
    ([status, response]) =>
      html`<a class="status" href="${links.guide(language)}#${status in STATUS_MEANINGS ? `status-${status}` : 'errors'}" title="${localized(response, 'description', language).replaceAll('`', '')}">${status}</a>`,
  );
  return html`<p class="statuses"><span class="statuses-label">${TEXTS[language].statuses}</span>${chips}</p>`;
}

function examples(title: string, content: Record<string, OpenApiContent>, language: Language): SafeHtml[] {
  return Object.entries(content).flatMap(([type, { examples: named }]) =>
    Object.values(named ?? {}).map(({ value }) =>
      typeof value === 'string'
        ? codeBlock(`${title} · ${type}`, value.trimEnd(), 'text', language)
        : codeBlock(title, JSON.stringify(value, undefined, 2), 'json', language),
    ),
  );
}
