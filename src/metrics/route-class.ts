/** Beginnings of route patterns, the longer one first where one begins with another. */
const CLASSES: readonly (readonly [prefix: string, name: string])[] = [
  ['/api/relay/v1/chat', 'chat'],
  ['/api/relay/v1/embeddings', 'embeddings'],
  ['/api/relay/v1/images', 'images'],
  ['/api/relay/v1/completions', 'completions'],
  ['/api/relay/v1/moderations', 'moderations'],
  ['/api/relay/v1/audio', 'audio'],
  ['/api/relay/v1/rerank', 'rerank'],
  ['/api/relay/v1/models', 'models'],
  ['/api/relay/v1/videos', 'video'],
  ['/api/relay', 'relay_other'],
  ['/api/video', 'video'],
  ['/api/image', 'image_jobs'],
  ['/api/user', 'account'],
  ['/api/health', 'health'],
  ['/api/callbacks', 'callbacks'],
  ['/api/media', 'media'],
  ['/graphql', 'admin'],
  ['/metrics', 'metrics'],
];
const known = new Map<string, string>();
/** Far more patterns than the application has. */
const PATTERNS_MAX = 1000;

/**
 * The class of a route, one of about twenty.
 * @param pattern as the router knows it, never the address itself.
 */
export function routeClassOf(pattern: string): string {
  let found = known.get(pattern);
  if (found === undefined) {
    found = CLASSES.find(([prefix]) => pattern.startsWith(prefix))?.[1] ?? 'other';
    if (known.size < PATTERNS_MAX) known.set(pattern, found);
  }
  return found;
}

const STATUS_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;
const CLIENT_CLOSED_REQUEST = 499;

/** `2xx` to `5xx`; `client_gone` where the client left before there was a status. */
export function statusClassOf(status: number): string {
  if (status === CLIENT_CLOSED_REQUEST) return 'client_gone';
  return STATUS_CLASSES[Math.floor(status / 100) - 1] ?? 'other';
}
