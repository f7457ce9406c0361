import type { SimulatedVendor } from '../simulated-vendor.js';
import { FILE_ROUTE } from './gemini-files.js';
import { VEO_ROUTES } from './gemini-veo.js';
import { GOOGLE_REFUSED, googleFailure } from './google-refusals.js';
import { OMNI_ROUTES } from './omni.js';

/** Videos of the Gemini API, section 9 of the wire facts; base URL `<url>/v1beta`. Chats are simulated by `../gemini.ts`. */
export const SIMULATED: SimulatedVendor = {
  id: 'gemini',
  credential: 'AIzaSy-videos-of-the-simulator-0123456',
  routes: [...OMNI_ROUTES, ...VEO_ROUTES, FILE_ROUTE],
  authorize: ({ headers }, { credential }) =>
    headers['x-goog-api-key'] === credential ? undefined : GOOGLE_REFUSED.auth_failure,
  refuse: (refusal) => GOOGLE_REFUSED[refusal],
  notFound: () => googleFailure(404, 'The requested URL was not found on this server.'),
};
