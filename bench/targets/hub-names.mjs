// @ts-check

/** Everything on: what a production installation does, and the figure that is published. */
export const PRODUCTION = 'hub (production mode)';
/** The same hub without its books, to see what they cost. Exists in this directory only. */
export const BOOKS_OFF = 'hub (books off)';
/** Production mode with twenty channels to choose from, in the same process. */
export const MANY_CHANNELS = 'hub (20 channels)';
/** Production mode with an upstream of Anthropic's format, in the same process. */
export const TO_ANTHROPIC = 'hub (to Anthropic)';
/** Production mode asked in OpenAI's Responses format, in the same process. */
export const FROM_RESPONSES = 'hub (from Responses)';
/** Production mode asked in Anthropic's Messages format, in the same process. */
export const FROM_MESSAGES = 'hub (from Messages)';
