import { Injectable, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { API_OPERATION, API_UNDOCUMENTED, type ApiOperationSpec } from '../../common/api-operation.decorator.js';

/** One route of the running application. */
export interface ServedRoute {
  /** `Controller.method`, for messages. */
  readonly handler: string;
  /** As Nest names it: `GET`, `POST`, `ALL`, … */
  readonly method: string;
  /** As Nest spells it, with a leading slash: `/api/relay/v1/models/:id`. */
  readonly path: string;
  readonly operation: ApiOperationSpec | undefined;
  /** Why the route is left out of the document, when its handler says so. */
  readonly undocumentedReason: string | undefined;
}

/** Reads which routes the application serves from the metadata that Nest itself routes by. */
@Injectable()
export class RouteExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
    private readonly application: ApplicationConfig,
  ) {}

  /**
   * Every route of every controller, in the order of modules, controllers and handlers.
   * @throws Error when a global prefix is set: controllers of the hub write their whole path.
   */
  routes(): readonly ServedRoute[] {
    if (this.application.getGlobalPrefix() !== '') {
      throw new Error('The API document expects controllers to write their whole path, without a global prefix.');
    }
    return this.discovery.getControllers().flatMap(({ metatype }) => (metatype ? this.routesOf(metatype) : []));
  }

  // biome-ignore lint/complexity/noBannedTypes: Nest hands controllers around as `Function`.
  private routesOf(controller: Function): ServedRoute[] {
    const prototype: Record<string, (...args: unknown[]) => unknown> = controller.prototype;
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const handler = prototype[name];
      const paths = handler && listOf(this.reflector.get<string | string[] | undefined>(PATH_METADATA, handler));
      if (!handler || !paths) return [];
      const method = RequestMethod[this.reflector.get<RequestMethod>(METHOD_METADATA, handler)];
      const base = listOf(this.reflector.get<string | string[] | undefined>(PATH_METADATA, controller)) ?? [''];
      return base.flatMap((start) =>
        paths.map((end) => ({
          handler: `${controller.name}.${name}`,
          method: method ?? 'GET',
          path: joined(start, end),
          operation: this.reflector.get<ApiOperationSpec | undefined>(API_OPERATION, handler),
          undocumentedReason: this.reflector.get<string | undefined>(API_UNDOCUMENTED, handler),
        })),
      );
    });
  }
}

function listOf(path: string | string[] | undefined): string[] | undefined {
  return typeof path === 'string' ? [path] : path;
}

function joined(...parts: string[]): string {
  const segments = parts.flatMap((part) => part.split('/')).filter((segment) => segment !== '');
  return `/${segments.join('/')}`;
}
