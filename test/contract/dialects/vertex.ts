import type { Dialect } from '../dialect.js';
import { DIALECT as GEMINI } from './gemini.js';

/** Gemini on Vertex AI; Claude there has a suite of its own. */
export const DIALECT: Dialect = GEMINI;
