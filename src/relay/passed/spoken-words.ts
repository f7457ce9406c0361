/** What was said of a transcript, without the numbers and times of subtitles (srt, vtt): nobody has said those. */
export function spokenWords(text: string): string {
  if (!text.includes('-->')) return text;
  return text
    .split(/\r?\n/)
    .filter((line) => !/^(?:\d+|WEBVTT.*|.*-->.*)$/.test(line))
    .join('\n');
}
