import type { OperationPath, Target } from '../../provider.js';

/** The newest version of the deployments surface that is not a preview; `images/edits` and newer options want a preview. */
const API_VERSION = '2024-10-21';

/**
 * Where an operation lies. A base URL that ends in `/v1` (`https://<resource>.openai.azure.com/openai/v1`) means the v1 surface, where
 * the body names the deployment and no version is needed. Any other means the deployments surface, which lies below `/openai` of the
 * resource; its version is {@link API_VERSION}, or what stands behind the deployment's name: `my-deployment?api-version=2025-04-01-preview`.
 * @param operation such as `/chat/completions`.
 */
export function pathTo(operation: string): OperationPath {
  return ({ upstreamModel }, _isStream, basePath) => {
    const { deployment, version } = splitName(upstreamModel);
    if (isV1(basePath)) return operation + queryOf(version);
    const path = `${openAiBelow(basePath)}/deployments/${encodeURIComponent(deployment)}${operation}`;
    return path + queryOf(version ?? API_VERSION);
  };
}

/** Responses are on the v1 surface of every resource. */
export const RESPONSES_PATH: OperationPath = (_target, _isStream, basePath) =>
  isV1(basePath) ? '/responses' : `${openAiBelow(basePath)}/v1/responses`;

/** A target whose upstream model is the name of the deployment alone. */
export function bareTarget(target: Target): Target {
  return { ...target, upstreamModel: splitName(target.upstreamModel).deployment };
}

/** What is wrong with a base URL, to follow its name; undefined where it may be right. */
export function checkAzureUrl(baseUrl: string): string | undefined {
  return /\/openai\/deployments\//.test(baseUrl)
    ? 'must be that of the resource, such as https://RESOURCE.openai.azure.com; deployments are the names of its models'
    : undefined;
}

/** Names of deployments are letters, digits, `-`, `_` and `.`, so that a question mark begins something else. */
function splitName(upstreamModel: string): { readonly deployment: string; readonly version: string | undefined } {
  const [, deployment = upstreamModel, version] = /^([^?]*)\?api-version=([\w.-]+)$/.exec(upstreamModel) ?? [];
  return { deployment, version };
}

function isV1(basePath: string): boolean {
  return basePath.endsWith('/v1');
}

/** The way to `/openai` from a base URL that ends there, or at the resource itself as in Azure's portal. */
function openAiBelow(basePath: string): string {
  return basePath.endsWith('/openai') ? '' : '/openai';
}

function queryOf(version: string | undefined): string {
  return version === undefined ? '' : `?api-version=${version}`;
}
