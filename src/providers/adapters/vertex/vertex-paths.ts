import type { OperationPath } from '../../provider.js';

/** True for the models of Anthropic, which keep their own format on Vertex AI. */
export function isClaude(upstreamModel: string): boolean {
  return upstreamModel.startsWith('claude');
}

/**
 * The path of a method of a model below the base URL, which names project and location: `/publishers/google/models/x:method`. A name such
 * as `endpoints/123` is that of a tuned model.
 */
export function vertexPath(upstreamModel: string, method: string): string {
  if (/^endpoints\/[^/]+$/.test(upstreamModel)) return `/${encode(upstreamModel)}:${method}`;
  const publisher = isClaude(upstreamModel) ? 'anthropic' : 'google';
  return `/publishers/${publisher}/models/${encode(upstreamModel)}:${method}`;
}

/** Where chats go. */
export const chatPath: OperationPath = ({ upstreamModel }, isStream) => {
  if (isClaude(upstreamModel)) return vertexPath(upstreamModel, isStream ? 'streamRawPredict' : 'rawPredict');
  return isStream
    ? `${vertexPath(upstreamModel, 'streamGenerateContent')}?alt=sse`
    : vertexPath(upstreamModel, 'generateContent');
};

/** What is wrong with a base URL of Google's own, to follow its name; of others, such as a proxy's, all may be right. */
export function checkVertexUrl(baseUrl: string): string | undefined {
  if (!URL.canParse(baseUrl)) return undefined;
  const { hostname, pathname } = new URL(baseUrl);
  if (!/(?:^|[-.])aiplatform\.googleapis\.com$/.test(hostname)) return undefined;
  if (/^\/v1(?:beta1)?\/projects\/[^/]+\/locations\/[^/]+\/?$/.test(pathname)) return undefined;
  // For API keys, which are of a project: also in a region, where new-api sends them and an import of it leads to.
  if (/^\/v1(?:beta1)?\/?$/.test(pathname)) return undefined;
  return (
    'must name project and location, such as ' +
    'https://LOCATION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/LOCATION, ' +
    'or be such as https://aiplatform.googleapis.com/v1 for API keys'
  );
}

/** Versions stand behind an `@`, which a path may have as it is. */
function encode(name: string): string {
  return name
    .split('/')
    .map((part) => encodeURIComponent(part).replaceAll('%40', '@'))
    .join('/');
}
