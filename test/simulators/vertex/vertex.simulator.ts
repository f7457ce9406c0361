import { GOOGLE_REFUSED, googleFailure } from '../gemini/google-refusals.js';
import type { SimulatedAnswer, SimulatedVendor } from '../simulated-vendor.js';
import { VEO_ROUTES } from './vertex-veo.js';

const UNAUTHENTICATED = googleFailure(
  401,
  'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
);
const REFUSED: Readonly<Record<string, SimulatedAnswer>> = {
  ...GOOGLE_REFUSED,
  auth_failure: UNAUTHENTICATED,
  expired_token: UNAUTHENTICATED,
};

/** Videos of Vertex AI; base URL `<url>/v1/projects/p1/locations/us-central1`. Its chats are simulated by `../gemini.ts`. */
export const SIMULATED: SimulatedVendor = {
  id: 'vertex',
  // A token that somebody has bought.
  credential: 'ya29.videos-of-the-simulator',
  routes: VEO_ROUTES,
  authorize: ({ headers }, { credential }) =>
    headers['authorization'] === `Bearer ${credential}` ? undefined : UNAUTHENTICATED,
  refuse: (refusal) => REFUSED[refusal] ?? UNAUTHENTICATED,
  notFound: () => googleFailure(404, 'The requested URL was not found on this server.'),
};
