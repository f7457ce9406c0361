// @ts-check

/** Everything on: what a production installation does, and the figure that is published. */
export const PRODUCTION = 'hub (production mode)';
/** The same hub without its books, to see what they cost. Exists in this directory only. */
export const BOOKS_OFF = 'hub (books off)';
