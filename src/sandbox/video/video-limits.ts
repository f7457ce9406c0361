/** Longest video, in seconds. */
export const VIDEO_SECONDS_MAX = 20;
/** Every size the sandbox makes: 480p, 720p and 1080p across, upright and square, and two of OpenAI's own. */
export const VIDEO_SIZES: readonly string[] = [
  ...['1280x720', '720x1280', '720x720', '854x480', '480x854', '480x480'],
  ...['1920x1080', '1080x1920', '1080x1080', '1792x1024', '1024x1792'],
];
/** The model for those who name none. */
export const VIDEO_MODEL = 'sandbox-video';
