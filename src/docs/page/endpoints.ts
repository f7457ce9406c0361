import type { OpenApiDocument, OpenApiOperation } from '../openapi/openapi-document.js';

/** One endpoint as the pages show it. */
export interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

/** Every endpoint of the document, in its order. */
export function endpointsOf(document: OpenApiDocument): readonly Endpoint[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]: [string, OpenApiOperation]) => ({ method, path, operation })),
  );
}
